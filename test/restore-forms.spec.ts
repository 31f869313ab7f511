import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageFolder } from '#runtime';
import { temporaryFolder } from '#testing';
import { bundleOf, gzipOf } from '../apps/patch-store/testing/seed.js';
import { useRunningPatchStore } from '../apps/patch-store/testing/use-running-patch-store.js';
import { runCli } from './testing/use-cli.js';
import { useRestorableTasks } from './testing/use-restorable-tasks.js';

const main = join(packageFolder(), 'dist/apps/cli/src/main.js');

describe('`patchpoint restore` of a checkpoint whose bundle is damaged', () => {
  const store = useRunningPatchStore();
  const tasks = useRestorableTasks(store);
  const home = temporaryFolder();
  let taskId: string;

  /** Nothing but `--server` says where patch-store is, unlike where most people have it. */
  const restore = (...args: string[]) => runCli(home, ['restore', '--server', store.url, ...args], {});
  /** As it was offered, by a shell. */
  const paste = (offered: string) =>
    execa(offered.replace(/^patchpoint/, `node ${main}`), {
      shell: true,
      env: { XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: join(home, 'config') },
      cwd: home,
      reject: false,
    });

  beforeAll(async () => {
    taskId = await tasks.make('damaged', [
      { number: 1 },
      { number: 2, bundleData: bundleOf(100) },
      { number: 3, bundleData: bundleOf(100), patchData: gzipOf(50) },
    ]);
  });

  it('brings the tree back from the diff, as a resume would, and says why', async () => {
    const { exitCode, stderr } = await restore('damaged@2', '--into', 'from-diff');
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringContaining('its bundle cannot be used: PATCH_INVALID'),
    ]);
    expect(readFileSync(join(home, 'from-diff/work.txt'), 'utf8')).toBe('work');
  });

  it('offers the next older checkpoint, as a command that works, when the diff is damaged too', async () => {
    const { exitCode, stderr } = await restore('damaged', '--at', '0s', '--into', "from 'older'");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'Checkpoint 3 cannot be restored from its bundle (PATCH_INVALID) or its diff (PATCH_INVALID).\n',
    );
    const [, offered] = /`(patchpoint .*)`/.exec(stderr)!;
    expect(offered).toBe(
      String.raw`patchpoint restore ${taskId}@2 --server ${store.url} --into 'from '\''older'\'''`,
    );
    expect((await paste(offered!)).exitCode).toBe(0);
    expect(readFileSync(join(home, "from 'older'/work.txt"), 'utf8')).toBe('work');
  });

  it('offers it to a program as words', async () => {
    const { stderr } = await restore('damaged', '--json', '--path', 'work.txt', 'other', '--dry-run');
    const { error } = JSON.parse(stderr) as { error: { nextCommand: string[]; nextStep: string } };
    expect(error).toEqual({
      code: 'PATCH_INVALID',
      message: expect.stringMatching(/^Checkpoint 3 cannot be restored [^.]*\.$/),
      nextStep: expect.stringContaining(`\`${error.nextCommand.join(' ')}\``),
      nextCommand: [
        'patchpoint',
        'restore',
        `${taskId}@2`,
        '--server',
        store.url,
        '--json',
        '--path',
        'work.txt',
        '--path',
        'other',
        '--dry-run',
      ],
    });
    const again = await runCli(home, error.nextCommand.slice(1), {});
    expect(JSON.parse(again.stdout)).toMatchObject({ checkpointNumber: 2, files: [{ path: 'work.txt' }] });
  });
});
