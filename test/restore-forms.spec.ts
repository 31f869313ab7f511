import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { execa, execaSync } from 'execa';
import { captureWorktree } from '#git';
import { packageFolder } from '#runtime';
import { temporaryFolder } from '#testing';
import { bundleOf, seedCheckpoint } from '../apps/patch-store/testing/seed.js';
import { useRunningPatchStore } from '../apps/patch-store/testing/use-running-patch-store.js';

const main = join(packageFolder(), 'dist/apps/cli/src/main.js');

describe('`patchpoint restore` of a checkpoint whose bundle is damaged', () => {
  const store = useRunningPatchStore();
  const home = temporaryFolder();
  let taskId: string;
  let treeSha: string;
  let baseSha: string;
  let diff: Buffer;

  const patchpoint = (...args: string[]) =>
    execa('node', [main, ...args], {
      env: { XDG_STATE_HOME: home, XDG_CONFIG_HOME: home, PATCHPOINT_SERVER: store.url },
      cwd: home,
      reject: false,
    });

  beforeAll(async () => {
    const worktreeDir = join(home, 'source');
    mkdirSync(worktreeDir);
    execaSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: worktreeDir });
    writeFileSync(join(worktreeDir, 'work.txt'), 'work');
    const capture = await captureWorktree({
      worktreeDir,
      shadowDir: join(home, 'shadow'),
      anchorRef: 'refs/patchpoint/test',
      makePatch: true,
      maxPatchBytes: 1_000_000,
      bundle: 'never',
    });
    if (capture.outcome !== 'captured' || capture.patch === null) throw new Error('Nothing was captured.');
    ({ treeSha, baseSha } = capture);
    diff = capture.patch.data;
    taskId = await store.createTask({ name: 'damaged', repoUrl: 'new://damaged' });
    const bundleData = bundleOf(100);
    await seedCheckpoint(store.database, { taskId, number: 1, patchData: diff });
    await seedCheckpoint(store.database, { taskId, number: 2, patchData: diff, bundleData });
    // Its diff is no patch at all either.
    await seedCheckpoint(store.database, { taskId, number: 3, bundleData });
    const { manager } = store.database;
    const facts = [treeSha, taskId];
    await manager.query('UPDATE task_checkpoints SET tree_sha = $1 WHERE task_id = $2', facts);
    await manager.query(
      'UPDATE checkpoint_patches SET tree_sha = $1, base_commit_sha = $3 WHERE task_id = $2',
      [...facts, baseSha],
    );
  });

  it('brings the tree back from the diff, as a resume would', async () => {
    const folder = join(home, 'from-diff');
    const { exitCode, stderr } = await patchpoint('restore', `${taskId}@2`, '--into', folder);
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/its bundle cannot be used: [A-Z_]+: /)]);
    expect(readFileSync(join(folder, 'work.txt'), 'utf8')).toBe('work');
  });

  it('offers the next older checkpoint, as a command that works, when the diff is damaged too', async () => {
    const folder = join(home, 'from older');
    const { exitCode, stderr } = await patchpoint('restore', taskId, '--into', folder);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /Checkpoint 3 cannot be restored from its bundle \([A-Z_]+\) or its diff \([A-Z_]+\)\.\n/,
    );
    const [, offered] = /`patchpoint (.*)`/.exec(stderr)!;
    expect(offered).toBe(`restore ${taskId}@2 --into '${folder}'`);
    const again = await execa(`node ${main} ${offered}`, {
      shell: true,
      env: { XDG_STATE_HOME: home, XDG_CONFIG_HOME: home, PATCHPOINT_SERVER: store.url },
      cwd: home,
    });
    expect(again.exitCode).toBe(0);
    expect(readFileSync(join(folder, 'work.txt'), 'utf8')).toBe('work');
  });
});
