import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { temporaryFolder } from '#testing';
import { bundleOf, gzipOf } from '../../apps/patch-store/testing/seed.js';
import { useRunningPatchStore, useServers } from '../../apps/patch-store/testing/use-running-patch-store.js';
import { runCli } from '../testing/use-cli.js';
import { useRestorableTasks } from '../testing/use-restorable-tasks.js';

describe('the exit code of `patchpoint restore`, and its error code', () => {
  const servers = useServers();
  const store = useRunningPatchStore(servers);
  const guarded = useRunningPatchStore(servers, { apiToken: 'not-known-to-this-test' });
  const tasks = useRestorableTasks(store);
  const home = temporaryFolder();

  beforeAll(async () => {
    const bundleData = bundleOf(100);
    const sourceDir = join(home, 'source');
    for (const folder of ['source', 'used', 'other']) mkdirSync(join(home, folder));
    for (const folder of ['used', 'other']) writeFileSync(join(home, folder, 'work.txt'), 'something else');
    execaSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: sourceDir });
    await tasks.make('good', [{ number: 1 }]);
    await tasks.make('half', [{ number: 1, bundleData }]);
    await tasks.make('bad', [{ number: 1, bundleData, patchData: gzipOf(50) }]);
    await tasks.make('expired', [
      { number: 1, expiredForHours: 1, bundleData },
      { number: 2 }, // the newest of an unfinished task outlives its time
    ]);
    await tasks.make('swept', [{ number: 1, patchData: null }]);
    await tasks.make('too-large', [{ number: 1, patchData: null, patchAbsentReason: 'too-large' }]);
    await tasks.make('new', []);
    await tasks.make('twin', []);
    await tasks.make('twin', []);
    await tasks.make('based', [{ number: 1 }], `file://${sourceDir}`);
    await tasks.make('away', [{ number: 1 }], `file://${home}/nowhere.git`);
  });

  it.each<[number, string | null, string[]]>([
    [0, null, ['good', '--into', 'whole']],
    [0, null, ['good', '--into', 'preview', '--dry-run']],
    [0, null, ['good', '--into', 'paths', '--path', 'work.txt']],
    [0, null, ['half', '--into', 'from-diff']],
    [0, null, ['--help']],
    [1, 'PATCH_INVALID', ['bad']],
    [1, 'PATCH_INVALID', ['bad', '--dry-run']],
    [1, 'BASE_MISSING', ['based']],
    [1, 'SOURCE_UNREACHABLE', ['away']],
    [1, 'FOLDER_IN_USE', ['good', '--into', 'used']],
    [1, 'PATH_NOT_FOUND', ['good', '--into', 'none', '--path', 'none.txt']],
    [1, 'PATH_IN_THE_WAY', ['good', '--into', 'other', '--path', 'work.txt']],
    [2, 'USAGE', ['good@1', '--at', '1h']],
    [2, 'USAGE', ['good@0']],
    [2, 'USAGE', ['good', '--server', 'ftp://there']],
    [2, null, ['good', '--at', 'soon']],
    [2, null, ['good', '--nothing']],
    [2, null, []],
    [3, 'TASK_NOT_FOUND', ['nobody']],
    [3, 'TASK_AMBIGUOUS', ['twin']],
    [3, 'CHECKPOINT_NOT_FOUND', ['new']],
    [3, 'CHECKPOINT_NOT_FOUND', ['good@7']],
    [3, 'CHECKPOINT_NOT_FOUND', ['good', '--at', '1d']],
    [3, 'PATCH_EXPIRED', ['swept']],
    [3, 'PATCH_EXPIRED', ['expired@1']],
    [3, 'PATCH_NOT_FOUND', ['too-large']],
    [4, 'NO_SERVER', ['good', '--server', 'http://127.0.0.1:1']],
    [4, 'UNAUTHORIZED', ['good', '--server', 'guarded']],
  ])('is %s, with %s, after restore %j', async (expected, code, args) => {
    const words = args.map((word) => (word === 'guarded' ? guarded.url : word));
    const env = { PATCHPOINT_SERVER: store.url };
    const { exitCode, stderr } = await runCli(home, ['restore', '--json', ...words], env);
    const told = /^\{.*\}$/m.exec(stderr)?.[0] ?? '{"error":{"code":null}}';
    const { error } = JSON.parse(told) as { error: { code: string | null } };
    expect([exitCode, error.code]).toEqual([expected, code]);
  });
});
