import { existsSync, lstatSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { loseMachine } from '#embedded';
import { computeTreeSha } from '#git';
import { temporaryFolder } from '#testing';
import { until } from './testing/task-feed.js';
import { refusePushes, sourceRepository } from './testing/source-repository.js';
import { useDrivenStack } from './testing/use-driven-stack.js';

/** Works, says so, and waits; resumed, says what it finds and ends. */
function plan(work: string, resumed = 'true'): string {
  return `set -eu
if [ "$PATCHPOINT_RESUMED" = true ]; then
  ${resumed}
  echo "resumed attempt $PATCHPOINT_ATTEMPT"
  exit 0
fi
${work}
echo 'work done'
while :; do sleep 0.2; done
`;
}

const EDITS = `echo 'an uncommitted line' >> README.md
rm delete-me.txt
head -c 3000 /dev/urandom > image.bin
printf '#!/bin/sh\\r\\n' > run.sh && chmod +x run.sh
ln -s README.md link`;

const treeOf = (worktreeDir: string): Promise<string> =>
  computeTreeSha({ worktreeDir, shadowDir: join(temporaryFolder(), 'shadow') });

describe('the main job', () => {
  const test = useDrivenStack({
    ingestReplicas: 2,
    daemonIds: ['daemon-1', 'daemon-2'],
    environment: {
      'daemon-agent': {
        PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
        PATCHPOINT_ALLOW_FILE_PROTOCOL: 'true',
        PATCHPOINT_MAX_PATCH_SIZE_BYTES: '1500000',
        PATCHPOINT_MAX_TASKS: '20',
      },
    },
  });

  /**
   * Starts a task on daemon-1, and resolves when the last checkpoint of its finished work is stored: no
   * heartbeat makes another. One that began in the middle of the work has committed half of it and may have
   * captured all of it; the next one commits the rest, and captures the same files with another HEAD.
   */
  async function work(task: Omit<Parameters<typeof test.run>[0], 'id'>) {
    const run = await test.run({ id: uuidv7(), daemonId: 'daemon-1', ...task });
    await run.feed.untilSaid('work done', 60);
    const { worktreePath } = await test.untilState(run.taskId, 'running');
    const worktreeDir = worktreePath!;
    const treeSha = await treeOf(worktreeDir);
    const checkpoint = await until(60, 'all of the work is committed, and that is stored', async () => {
      const head = execaSync('git', ['rev-parse', 'HEAD', 'HEAD^{tree}'], {
        cwd: worktreeDir,
        reject: false,
      }).stdout;
      const [newest] = await test.patchStore.checkpoints(run.taskId);
      return head === `${newest?.commitSha}\n${treeSha}` && newest?.treeSha === treeSha && newest;
    });
    return { ...run, checkpoint, worktreePath: worktreeDir };
  }

  it.each([
    { from: 'bundle', bundles: 'always', keepsCommit: true },
    { from: 'diff', bundles: 'never', keepsCommit: false },
  ])(
    'restores the worktree exactly from a $from on an empty daemon after machine, push and agent were lost',
    async ({ from, bundles, keepsCommit }) => {
      const source = sourceRepository();
      refusePushes(source.bareDir);
      const [doomed, empty] = [`doomed-${from}`, `empty-${from}`];
      await test.stack.startAgent(doomed, { PATCHPOINT_BUNDLES: bundles });
      const {
        taskId,
        feed,
        worktreePath,
        checkpoint: captured,
      } = await work({
        repoUrl: source.url,
        daemonId: doomed,
        plan: plan(
          `${EDITS}
git -c user.name=A -c user.email=a@example.com commit -qam 'a local commit'
echo 'one more line' >> README.md
head -c 3000 /dev/urandom > image.bin`,
          'while [ ! -e go ]; do sleep 0.1; done',
        ),
      });
      const image = readFileSync(join(worktreePath, 'image.bin'));
      expect(captured).toMatchObject({
        bundleId: keepsCommit ? expect.any(String) : null,
        patchId: expect.any(String),
      });
      await loseMachine(test.stack, doomed, taskId);
      expect(existsSync(worktreePath)).toBe(false);

      expect(existsSync(test.stack.stateDirOf(empty))).toBe(false);
      await test.stack.startAgent(empty);
      await test.patchStore.resumeTask(taskId, { daemonId: empty, force: true });
      const restored = await feed.untilRestored(60);
      expect(restored.treeSha).toBe(captured.treeSha);
      const found = restored.worktreePath;
      expect(await treeOf(found)).toBe(captured.treeSha);
      const log = execaSync('git', ['log', '--format=%s'], { cwd: found }).stdout;
      expect(log.includes('a local commit')).toBe(keepsCommit);
      expect(readFileSync(join(found, 'README.md'), 'utf8')).toBe(
        '# Example\nan uncommitted line\none more line\n',
      );
      expect(readFileSync(join(found, 'image.bin')).equals(image)).toBe(true);
      expect(statSync(join(found, 'run.sh')).mode & 0o100).toBe(0o100);
      expect(lstatSync(join(found, 'link')).isSymbolicLink()).toBe(true);
      expect(existsSync(join(found, 'delete-me.txt'))).toBe(false);
      await feed.untilSaid('Restoring worktree from checkpoint patch…', 60);
      await feed.untilSaid(`Worktree restored at ${found}`, 60);
      writeFileSync(join(found, 'go'), '');
      await feed.untilSaid('resumed attempt 2', 60);
      await test.untilState(taskId, 'completed', 2);
    },
  );

  it('brings back branch, commits and uncommitted changes from a bundle, each where it was', async () => {
    const source = sourceRepository();
    refusePushes(source.bareDir);
    const commit =
      "git -c user.name='An Agent' -c user.email=a@example.com commit --quiet -am 'a local commit'";
    const { taskId, feed, worktreePath } = await work({
      repoUrl: source.url,
      plan: plan(`echo 42 > code.ts\n${commit}\n${EDITS}`, 'cat "$PATCHPOINT_RECOVERY_BRIEF"; sleep 1'),
    });
    const look = (dir: string): string =>
      ['log --format=%H%n%an%n%ae%n%ad%n%B', 'symbolic-ref HEAD', 'status --porcelain']
        .map((command) => execaSync('git', command.split(' '), { cwd: dir }).stdout)
        .join('\n');
    const before = look(worktreePath);
    expect(before).toContain('a local commit');
    await test.patchStore.stopTask(taskId, 'to be moved');
    await test.untilState(taskId, 'stopped');
    const final = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'final');
    expect(final.bundleId).not.toBeNull();
    await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-2' });
    const restored = await feed.untilRestored(60);
    expect(look(restored.worktreePath)).toBe(look(worktreePath));
    await feed.untilSaid('with its local commits', 60);
    await test.untilState(taskId, 'completed', 2);
  });

  it('restores the clean state of a worktree whose work was thrown away', async () => {
    const goFile = join(temporaryFolder(), 'go');
    const throwAway = 'git reset --quiet --hard origin/main\ngit clean -qfd';
    const { taskId, feed } = await test.run({
      id: uuidv7(),
      daemonId: 'daemon-1',
      repoUrl: sourceRepository().url,
      plan: plan(
        `${EDITS}\nwhile [ ! -e '${goFile}' ]; do sleep 0.1; done\n${throwAway}`,
        'test -e delete-me.txt && test ! -e image.bin',
      ),
    });
    const dirty = await test.untilCheckpoint(taskId, ({ filesChanged }) => filesChanged! > 0);
    writeFileSync(goFile, '');
    await feed.untilSaid('work done', 60);
    const checkpoint = await test.untilCheckpoint(
      taskId,
      ({ number, filesChanged }) => number > dirty.number && filesChanged === 0,
    );
    await test.patchStore.stopTask(taskId, 'to be moved');
    await test.untilState(taskId, 'stopped');
    await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-2' });
    expect((await feed.untilRestored(60)).treeSha).toBe(checkpoint.treeSha);
    await test.untilState(taskId, 'completed', 2);
  });

  it('removes the worktree of an ended task only after its work is stored', async () => {
    const { taskId, worktreePath } = await work({ repoUrl: sourceRepository().url, plan: plan(EDITS) });
    await test.patchStore.stopTask(taskId, 'done');
    await test.untilState(taskId, 'stopped');
    const final = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'final');
    writeFileSync(join(worktreePath, 'after-the-end.txt'), 'written after the final checkpoint\n');
    await test.patchStore.cleanupWorktree(taskId, { force: false });
    await until(60, 'the worktree is gone', () => !existsSync(worktreePath));
    const last = await test.untilCheckpoint(taskId, ({ number }) => number > final.number);
    expect(last.treeSha).not.toBe(final.treeSha);
  });

  it('reuses the worktree when the daemon still has it', async () => {
    const { taskId, feed, worktreePath } = await work({
      repoUrl: sourceRepository().url,
      plan: plan(EDITS, 'test -L link && grep -q uncommitted README.md'),
    });
    await test.patchStore.stopTask(taskId, 'enough for today');
    await test.untilState(taskId, 'stopped');
    await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-1' });
    await feed.untilSaid(`Resuming in the existing worktree at ${worktreePath}`, 60);
    await test.untilState(taskId, 'completed', 2);
  });

  it('starts fresh, and says so, when there is no patch at all', async () => {
    const { taskId, feed } = await work({
      repoUrl: sourceRepository().url,
      plan: plan(EDITS, 'test -e delete-me.txt'),
    });
    await test.patchStore.stopTask(taskId, 'to be moved');
    await test.untilState(taskId, 'stopped');
    await test.untilCheckpoint(taskId, ({ kind }) => kind === 'final');
    await test.patchStore.deletePatches(taskId);
    await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-2' });
    await feed.untilSaid('starting fresh', 60);
    await test.untilState(taskId, 'completed', 2);
  });

  it('records a checkpoint whose patch is over the limit without the patch, and says so', async () => {
    const { checkpoint, feed } = await work({
      repoUrl: sourceRepository().url,
      plan: plan('head -c 2000000 /dev/urandom > big.bin'),
    });
    expect(checkpoint).toMatchObject({ patchId: null, patchAbsentReason: 'too-large' });
    await feed.untilSaid('not restorable: the patch is over the size limit', 60);
  });

  it('carries a patch that is too large for a message in chunks and slices', async () => {
    const { taskId, feed, checkpoint } = await work({
      repoUrl: sourceRepository().url,
      plan: plan('head -c 900000 /dev/urandom > large.bin', 'test "$(wc -c < large.bin)" -eq 900000'),
    });
    expect((await test.patchStore.patch(checkpoint.patchId!)).patchSizeBytes).toBeGreaterThan(800_000);
    await test.patchStore.stopTask(taskId, 'to be moved');
    await test.untilState(taskId, 'stopped');
    await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-2' });
    await feed.untilRestored(60);
    await test.untilState(taskId, 'completed', 2);
  });

  it('makes an empty repository for a new:// source, and restores it elsewhere', async () => {
    const { taskId, feed, checkpoint } = await work({
      repoUrl: 'new://greenfield',
      plan: plan('mkdir src && echo "export {}" > src/index.ts', 'test -e src/index.ts'),
    });
    await test.patchStore.stopTask(taskId, 'to be moved');
    await test.untilState(taskId, 'stopped');
    await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-2' });
    expect((await feed.untilRestored(60)).treeSha).toBe(checkpoint.treeSha);
    await test.untilState(taskId, 'completed', 2);
  });

  it('makes a manual checkpoint with a patch, none of an unchanged worktree, and a final one at the end', async () => {
    // Without heartbeats: one could take the edits before the request does.
    await test.stack.startAgent('quiet', { PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0' });
    const { taskId, feed } = await test.run({
      id: uuidv7(),
      daemonId: 'quiet',
      repoUrl: sourceRepository().url,
      plan: plan(EDITS),
    });
    await feed.untilSaid('work done', 60);
    await test.untilState(taskId, 'running');
    await test.patchStore.createCheckpoint(taskId, 'before the risky part');
    const manual = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'manual');
    expect(manual.message).toBe('before the risky part');
    expect(manual.patchId).not.toBeNull();
    await test.patchStore.createCheckpoint(taskId, 'nothing new');
    await feed.untilSaid('No changes to checkpoint', 60);
    await test.patchStore.stopTask(taskId, 'done');
    const final = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'final');
    expect(final.patchId).not.toBeNull();
    await test.untilState(taskId, 'stopped');
  });

  it('sends nothing while nothing changes', async () => {
    const { taskId, checkpoint } = await work({ repoUrl: sourceRepository().url, plan: plan(EDITS) });
    // Nothing can be waited for here but time: at least two heartbeats of one second.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const [newest] = await test.patchStore.checkpoints(taskId);
    expect(newest!.number).toBe(checkpoint.number);
    await test.patchStore.stopTask(taskId, 'done');
  });

  it('numbers the checkpoints of every task from 1 without gaps, stored by two ingest replicas', async () => {
    const client = new Client({ connectionString: test.stack.postgres.url });
    await client.connect();
    try {
      const { rows } = await client.query<{ task_id: string; count: number; highest: number }>(
        'SELECT task_id, count(*)::int AS count, max(number) AS highest FROM task_checkpoints GROUP BY task_id',
      );
      expect(rows.length).toBeGreaterThan(5);
      for (const { count, highest } of rows) expect(count).toBe(highest);
    } finally {
      await client.end();
    }
  });
});
