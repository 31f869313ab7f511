import { existsSync, lstatSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { loseMachine } from '#embedded';
import { temporaryFolder } from '#testing';
import { refusePushes, sourceRepository } from './testing/source-repository.js';
import { EDITS, plan, treeOf, useWork } from './testing/use-work.js';

describe('the main job', () => {
  const { test, work } = useWork();

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
      const restored = await feed.untilRestored();
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
      await feed.untilSaid('Restoring worktree from checkpoint patch…');
      await feed.untilSaid(`Worktree restored at ${found}`);
      writeFileSync(join(found, 'go'), '');
      await feed.untilSaid('resumed attempt 2');
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
    const restored = await feed.untilRestored();
    expect(look(restored.worktreePath)).toBe(look(worktreePath));
    await feed.untilSaid('with its local commits');
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
    await feed.untilSaid('work done');
    const checkpoint = await test.untilCheckpoint(
      taskId,
      ({ number, filesChanged }) => number > dirty.number && filesChanged === 0,
    );
    await test.patchStore.stopTask(taskId, 'to be moved');
    await test.untilState(taskId, 'stopped');
    await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-2' });
    expect((await feed.untilRestored()).treeSha).toBe(checkpoint.treeSha);
    await test.untilState(taskId, 'completed', 2);
  });

  it('reuses the worktree when the daemon still has it', async () => {
    const { taskId, feed, worktreePath } = await work({
      repoUrl: sourceRepository().url,
      plan: plan(EDITS, 'test -L link && grep -q uncommitted README.md'),
    });
    await test.patchStore.stopTask(taskId, 'enough for today');
    await test.untilState(taskId, 'stopped');
    await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-1' });
    await feed.untilSaid(`Resuming in the existing worktree at ${worktreePath}`);
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
    await feed.untilSaid('starting fresh');
    await test.untilState(taskId, 'completed', 2);
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
    await feed.untilRestored();
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
    expect((await feed.untilRestored()).treeSha).toBe(checkpoint.treeSha);
    await test.untilState(taskId, 'completed', 2);
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
