import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { computeTreeSha } from '#git';
import { eventually, temporaryFolder } from '#testing';
import { expectFailure, useCli } from '../testing/use-cli.js';

describe('patchpoint restore', () => {
  const cli = useCli();

  it('restores a worktree here: whole, in part, as a preview, never over something', async () => {
    const preview = await cli.json<{ treeSha: string; files: { path: string }[] }>(
      'restore',
      'fix-login@1',
      '--dry-run',
      '--into',
      'whole',
    );
    expect(preview.files.map(({ path }) => path)).toEqual(['src/legacy.ts', 'src/login.ts']);
    expect(existsSync(join(cli.home, 'whole'))).toBe(false);

    const restored = await cli.json<{ treeSha: string; folder: string }>(
      'restore',
      'fix-login',
      '--into',
      'whole',
    );
    expect(readFileSync(join(cli.home, 'whole/docs.md'), 'utf8')).toBe('Log in with a name.\n');
    const shadowDir = join(temporaryFolder(), 'shadow');
    expect(await computeTreeSha({ worktreeDir: restored.folder, shadowDir })).toBe(restored.treeSha);

    expectFailure(
      await cli.run('restore', 'fix-login', '--into', 'whole'),
      1,
      'whole is there already',
      '--into',
    );
    const parts = await cli.run('restore', 'fix-login@1', '--path', 'src', '--into', 'parts');
    expect(parts.stdout).toContain('1 file written');
    expect(existsSync(join(cli.home, 'parts/docs.md'))).toBe(false);
    expectFailure(
      await cli.run('restore', 'fix-login', '--path', 'src/none.ts', '--into', 'parts'),
      1,
      'src/none.ts',
    );
  });

  it('tells why something cannot be restored', async () => {
    const [unknown, early, both, number] = await Promise.all([
      cli.run('restore', 'nobody'),
      cli.run('restore', 'fix-login', '--at', '2d'),
      cli.run('restore', 'fix-login@1', '--at', '1h'),
      cli.run('restore', 'fix-login@99'),
    ]);
    expectFailure(unknown, 3, 'There is no task "nobody"', 'patchpoint tasks');
    expectFailure(early, 3, 'had no checkpoint at', 'patchpoint log');
    expectFailure(both, 2, '--at');
    expectFailure(number, 3, 'no checkpoint 99');
  });

  it('says that patches have expired, when they have', async () => {
    await cli.patchStore.createTask({
      name: 'old',
      runner: 'shell',
      repoUrl: 'new://old',
      plan: 'echo old > old.txt',
    });
    const database = new Client(cli.stack.postgres.url);
    await database.connect();
    const untilSome = (sql: string) =>
      eventually(async () => expect((await database.query(sql)).rowCount).toBeGreaterThan(0), {
        timeoutMs: 60_000,
      });
    await untilSome(
      `UPDATE checkpoint_patches p SET expires_at = now() - interval '1 s'
         FROM tasks t WHERE t.id = p.task_id AND t.name = 'old' AND t.state = 'completed' RETURNING p.id`,
    );
    await untilSome(
      `SELECT FROM task_checkpoints c JOIN tasks t ON t.id = c.task_id
        WHERE t.name = 'old' AND c.patch_id IS NULL AND c.bundle_id IS NULL`,
    );
    await database.end();

    const [restore, show] = await Promise.all([cli.run('restore', 'old'), cli.run('show', 'old', '--patch')]);
    expectFailure(restore, 3, 'expired', 'patchpoint log');
    expectFailure(show, 3, 'no diff to show', 'expired');
    // A resume is not refused: its plan can still be done. But nobody shall think that the work comes back.
    expect((await cli.run('resume', 'old')).stdout).toMatch(/restores +nothing: patch expired/);
  });

  it('says that patches are gone, when they are', async () => {
    await cli.patchStore.deletePatches(cli.task.id);
    expectFailure(await cli.run('restore', 'fix-login@1'), 3, 'expired', 'patchpoint log');
    expectFailure(await cli.run('show', 'fix-login@1', '--patch'), 3, 'no diff to show');
  });
});
