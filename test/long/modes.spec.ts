import { chmodSync, linkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { CheckpointView } from '#contracts';
import { temporaryFolder } from '#testing';
import { sourceRepository } from '../testing/source-repository.js';
import { runCli } from '../testing/use-cli.js';
import { EDITS, plan, useWork } from '../testing/use-work.js';

const MODES = {
  '.': 0o750,
  'README.md': 0o444,
  'run.sh': 0o700,
  'code.ts': 0o644,
  'image.bin': 0o644,
  keys: 0o700,
  'keys/id': 0o600,
  'keys/id.pub': 0o640,
  shut: 0o555,
  'shut/file': 0o400,
};

/** What a checkpoint says of each of them; which modes are its defaults depends on when it was captured. */
function modesOf({ modes }: CheckpointView): Record<string, number> {
  const byDefault = (path: string): number | undefined =>
    ['.', 'keys', 'shut'].includes(path)
      ? modes?.folders
      : path === 'run.sh'
        ? modes?.executables
        : modes?.files;
  const of = (path: string) =>
    modes?.exceptions.find(({ paths }) => paths.includes(path))?.mode ?? byDefault(path) ?? 0;
  return Object.fromEntries(Object.keys(MODES).map((path) => [path, of(path)]));
}

const WORK = `${EDITS}
mkdir keys shut
echo secret > keys/id
echo public > keys/id.pub
echo shut > shut/file
chmod 750 .
chmod 444 README.md
chmod 700 run.sh keys
chmod 600 keys/id
chmod 640 keys/id.pub
chmod 400 shut/file
chmod 555 shut`;

describe('modes', () => {
  const { test, work } = useWork();
  const home = temporaryFolder();
  const cli = (...args: string[]) => runCli(home, args, { PATCHPOINT_SERVER: test.stack.patchStore.url });
  const modesIn = (folder: string, paths: readonly string[]) =>
    Object.fromEntries(paths.map((path) => [path, statSync(join(folder, path)).mode & 0o7777]));

  it('come back on another daemon and for a person, whole and in part; alone they are a checkpoint', async () => {
    const { taskId, feed, worktreePath } = await work({
      repoUrl: sourceRepository().url,
      plan: plan(WORK, 'sleep 2'),
    });
    const has = (modes: Record<string, number>) => (each: CheckpointView) =>
      isDeepStrictEqual(modesOf(each), modes);
    const first = await test.untilCheckpoint(taskId, has(MODES));

    const shown = await cli('show', `${taskId}@${first.number}`);
    expect(shown.stdout).toMatch(/^modes +kept: files 644, .*; \d+ paths with another$/m);

    await cli('restore', `${taskId}@${first.number}`, '--into', 'whole');
    expect(modesIn(join(home, 'whole'), Object.keys(MODES))).toEqual(MODES);
    await cli(
      'restore',
      `${taskId}@${first.number}`,
      '--into',
      'part',
      '--path',
      'keys',
      'README.md',
      'shut',
    );
    const parts = Object.keys(MODES).filter((path) => /^(?:keys|README|shut)/.test(path));
    expect(modesIn(join(home, 'part'), parts)).toEqual(
      Object.fromEntries(Object.entries(MODES).filter(([path]) => parts.includes(path))),
    );
    expect(modesIn(home, ['part'])).toEqual({ part: 0o755 });

    // Nothing else changes: a mode, and a second name of a file.
    chmodSync(join(worktreePath, 'code.ts'), 0o600);
    linkSync(join(worktreePath, 'image.bin'), join(worktreePath, 'keys/image.bin'));
    const changed = { ...MODES, 'code.ts': 0o600 };
    const second = await test.untilCheckpoint(taskId, has(changed));
    await test.untilCheckpoint(taskId, ({ omissions }) =>
      omissions.some(({ reason }) => reason === 'hard-link'),
    );
    expect(second.number).toBeGreaterThan(first.number);

    await test.patchStore.stopTask(taskId, 'to be moved');
    await test.untilState(taskId, 'stopped');
    await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-2' });
    const restored = await feed.untilRestored();
    expect(modesIn(restored.worktreePath, Object.keys(MODES))).toEqual(changed);
    await test.untilState(taskId, 'completed', 2);
    const final = await test.untilCheckpoint(
      taskId,
      ({ kind, attempt }) => kind === 'final' && attempt === 2,
    );
    expect(modesOf(final)).toEqual(changed);
  });
});
