import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PatchStoreClient } from '#client';
import type { CheckpointView, WorktreeRestored } from '#contracts';
import { loseMachine, type Stack } from '#embedded';
import { computeTreeSha } from '#git';
import { demoPlan, EDITS_DONE_LINE } from './demo-plan.js';
import type { DemoSource } from './demo-source.js';
import { FollowedTask } from './followed-task.js';
import type { Progress } from './progress.js';
import { until } from './until.js';
import { differences, manifestOf } from './worktree-manifest.js';

/** The demo's results, measured from outside of the apps. */
export interface DemoResult {
  checkpoint: CheckpointView;
  /** Compressed. */
  patchSizeBytes: number;
  /** Computed here, from the files on the second daemon's disk. */
  restoredTreeSha: string;
  restored: WorktreeRestored;
  /** From the capture to the commit in Postgres. */
  storeSeconds: number;
  /** From the loss of the machine to the verified worktree. */
  recoverySeconds: number;
  /** Paths whose bytes, mode or link target have changed. */
  differences: string[];
}

export interface DemoRun {
  source: DemoSource;
  /** For other files that it needs; removed by the caller, later. */
  folder: string;
  /** The resume is not requested: janitor does it. */
  auto: boolean;
}

/** Does the main job once: work, checkpoint, loss of the machine, resume elsewhere. */
export async function runDemo(
  stack: Stack,
  { source, folder, auto }: DemoRun,
  progress: Progress,
): Promise<DemoResult> {
  const goFile = join(folder, 'go');
  const patchStore = new PatchStoreClient(stack.patchStore.url);

  progress.step(`creating a task on ${source.filesCount} files`);
  const created = await patchStore.createTask({
    name: 'demo',
    runner: 'shell',
    plan: demoPlan(source, goFile),
    repoUrl: source.url,
    baseBranch: source.branch,
  });
  const { id: taskId } = created;
  const followed = new FollowedTask((line) => progress.quote(line));
  try {
    await followed.follow(patchStore, created);
    const editsDoneAt = await followed.untilSaid(EDITS_DONE_LINE, 60);
    const { daemonId, worktreePath } = await patchStore.task(taskId);
    const first = daemonId!;
    const before = await manifestOf(worktreePath!, source);

    progress.step('waiting for a checkpoint of this to be stored');
    await until(60, 'a checkpoint of the edits is stored', async () =>
      (await patchStore.checkpoints(taskId)).find((each) => new Date(each.capturedAt) > editsDoneAt),
    );

    progress.step(`killing ${first} and its agent, deleting everything they had on disk`);
    const lostAt = performance.now();
    await loseMachine(stack, first, taskId);

    const second = stack.apps.find(({ app, name }) => app === 'daemon-agent' && name !== first)!.name;
    if (auto) {
      progress.step(`waiting until ${first} is found dead and the task continues elsewhere automatically`);
    } else {
      progress.step(`resuming the task on ${second}`);
      await patchStore.resumeTask(taskId, { daemonId: second, force: true });
    }
    const restored = await followed.untilRestored(120);
    const recoverySeconds = (performance.now() - lostAt) / 1000;

    progress.step('comparing the restored worktree with what was captured');
    const checkpoint = (await patchStore.checkpoints(taskId)).find(
      (each) => each.number === restored.checkpointNumber,
    )!;
    const patch = await patchStore.patch(checkpoint.patchId!);
    const shadowDir = join(folder, 'shadow');
    await mkdir(shadowDir);
    const restoredTreeSha = await computeTreeSha({
      worktreeDir: restored.worktreePath,
      shadowDir,
      baseSha: restored.baseSha,
    });
    const after = await manifestOf(restored.worktreePath, source);

    await writeFile(goFile, '');
    const task = await until(60, 'the resumed task completes', async () => {
      const now = await patchStore.task(taskId);
      return now.state === 'completed' || now.state === 'failed' ? now : undefined;
    });
    progress.step(`the resumed task has ${task.state}`);
    return {
      checkpoint,
      patchSizeBytes: patch.patchSizeBytes,
      restoredTreeSha,
      restored,
      storeSeconds: (Date.parse(checkpoint.createdAt) - Date.parse(checkpoint.capturedAt)) / 1000,
      recoverySeconds,
      differences: [
        ...differences(before, after),
        ...(task.state === 'completed' ? [] : [`the resumed task: ${task.stateReason ?? task.state}`]),
      ],
    };
  } finally {
    followed.close();
  }
}
