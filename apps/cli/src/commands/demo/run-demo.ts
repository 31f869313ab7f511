import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PatchStoreClient } from '#client';
import type { CheckpointView, WorktreeRestored } from '#contracts';
import { loseMachine, type Stack } from '#embedded';
import { computeTreeSha } from '#git';
import type { ModelRequest } from '#scripted';
import type { DemoAgent } from './demo-agent.js';
import { DEMO_PLAN, demoScript, FIRST_PIECE } from './demo-plan.js';
import type { DemoSource } from './demo-source.js';
import { FollowedTask } from './followed-task.js';
import type { Progress } from './progress.js';
import { until } from './until.js';
import { differences, manifestOf } from './worktree-manifest.js';

/** Claude Code writes its transcript up to 100 ms later (docs/agents-tried.md). */
const WRITTEN_AFTER_MILLISECONDS = 500;

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
  /** How many messages the conversation had when the machine was lost. */
  messagesCount: number;
  /** How many of them and since the agent sent to its model first after that. */
  resumedMessagesCount: number;
  /** Paths whose bytes, mode or link target have changed, and whatever else is not as it was. */
  differences: string[];
}

export interface DemoRun {
  source: DemoSource;
  agent: DemoAgent;
  /** For other files that it needs; removed by the caller, later. */
  folder: string;
  /** The resume is not requested: janitor does it. */
  auto: boolean;
}

/** Does the main job once: work, checkpoint, loss of the machine, resume elsewhere. */
export async function runDemo(
  stack: Stack,
  { source, agent, folder, auto }: DemoRun,
  progress: Progress,
): Promise<DemoResult> {
  const goFile = join(folder, 'go');
  const patchStore = new PatchStoreClient(stack.patchStore.url, stack.credentials?.apiToken);

  agent.follow(demoScript(source, goFile, false));

  progress.step(`creating a task on ${source.filesCount} files`);
  const created = await patchStore.createTask({
    name: 'demo',
    runner: agent.runner,
    plan: DEMO_PLAN,
    repoUrl: source.url,
    baseBranch: source.branch,
  });
  const { id: taskId } = created;
  const followed = new FollowedTask((line) => progress.quote(line));
  try {
    await followed.follow(patchStore, created);
    const { at: editsDoneAt } = await agent.model.waitForRequest(({ finishedSteps }) =>
      finishedSteps.includes(FIRST_PIECE),
    );
    const { daemonId, worktreePath } = await patchStore.task(taskId);
    const first = daemonId!;
    const before = await manifestOf(worktreePath!, source);

    progress.step('waiting for a checkpoint of this to be stored');
    await until(60, 'a checkpoint of the edits is stored', async () =>
      (await patchStore.checkpoints(taskId)).find(
        ({ capturedAt }) => Date.parse(capturedAt) > editsDoneAt.getTime() + WRITTEN_AFTER_MILLISECONDS,
      ),
    );

    progress.step(`killing ${first} and its agent, deleting everything they had on disk`);
    const lostAt = performance.now();
    await loseMachine(stack, first, taskId);
    const messagesCount = agent.model.requests().findLast(isItsOwn)!.messageCount;
    const requestsBefore = agent.model.requests().length;
    agent.follow(demoScript(source, goFile, true));

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
    const { messageCount: resumedMessagesCount } = await until(60, 'the resumed agent asks its model', () =>
      agent.model.requests().slice(requestsBefore).find(isItsOwn),
    );
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
      messagesCount,
      resumedMessagesCount,
      differences: [
        ...differences(before, after),
        ...(resumedMessagesCount < messagesCount
          ? ['the conversation: the agent has begun another one']
          : []),
        ...(task.state === 'completed' ? [] : [`the resumed task: ${task.stateReason ?? task.state}`]),
      ],
    };
  } finally {
    followed.close();
  }
}

function isItsOwn({ isAside }: ModelRequest): boolean {
  return !isAside;
}
