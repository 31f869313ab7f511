import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { captureWorktree, stateOf, type CapturedState, type Modes } from '../src/index.js';
import { removeWorktree } from '../src/mirror/remove-worktree.js';
import { asNobody } from '../testing/as-nobody.js';
import { aSecondLater, git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, mirrorElsewhere, restore, type Captured } from '../testing/round-trip.js';

describe('modes of a worktree', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite({
      'readme.md': 'hello\n',
      'src/a.txt': 'one\n',
      'src/b.txt': 'two\n',
      'bin/run': 'go\n',
    });
  });
  afterEach(() => {
    process.umask(0o022);
    site.remove();
  });

  const inWork = (path: string): string => join(site.workDir, path);
  const chmod = (path: string, mode: number): void => chmodSync(inWork(path), mode);
  const modeOf = (...path: string[]): string => (statSync(join(...path)).mode & 0o7777).toString(8);
  /** As a heartbeat does it. */
  const captureAgain = (previous?: CapturedState) =>
    captureWorktree({
      worktreeDir: site.workDir,
      shadowDir: site.shadowDir,
      anchorRef: 'refs/patchpoint/task/1',
      maxPatchBytes: 10_000_000,
      makePatch: true,
      ...(previous && { previous }),
    });
  const exceptionsOf = (modes: Modes | null) =>
    Object.fromEntries((modes?.exceptions ?? []).map(({ mode, paths }) => [mode.toString(8), paths]));

  it('are not written down where all is as a checkout makes it', async () => {
    write(site.workDir, 'new/file.txt', 'new\n');
    chmod('bin/run', 0o755);
    expect((await capture(site)).modes).toBeNull();
  });

  it.each([
    ['a task, from a bundle', { asTask: true, fromBundle: true }],
    ['a person, from a diff', {}],
  ])('come back for %s: files, executables and folders, tracked and untracked', async (_, how) => {
    chmod('readme.md', 0o600);
    chmod('src/a.txt', 0o444);
    chmod('bin/run', 0o700);
    write(site.workDir, 'secrets/key', 'secret\n', 0o400);
    write(site.workDir, 'secrets/deep/er', 'secret\n', 0o640);
    chmod('secrets', 0o700);
    chmod('src', 0o555);
    chmod('.', 0o750);
    const captured = await capture(site, { bundle: 'always' });
    expect(exceptionsOf(captured.modes)).toEqual({
      400: ['secrets/key'],
      444: ['src/a.txt'],
      555: ['src'],
      600: ['readme.md'],
      640: ['secrets/deep/er'],
      700: ['secrets'],
      750: ['.'],
    });
    const { worktreeDir } = await restore(site, captured, how);
    const found = [
      '.',
      'readme.md',
      'src',
      'src/a.txt',
      'src/b.txt',
      'bin',
      'bin/run',
      'secrets',
      'secrets/key',
    ];
    expect(found.map((path) => modeOf(worktreeDir, path))).toEqual([
      '750',
      '600',
      '555',
      '444',
      '644',
      '755',
      '700',
      '700',
      '400',
    ]);
    expect(modeOf(worktreeDir, 'secrets/deep/er')).toBe('640');
  });

  it('come back whatever the umask was and is', async () => {
    process.umask(0o077);
    const narrow = makeSite();
    const captured = await capture(narrow);
    expect(captured.modes).toEqual({ files: 0o600, executables: 0o755, folders: 0o700, exceptions: [] });
    process.umask(0o022);
    const { worktreeDir } = await restore(narrow, captured);
    expect(['.', 'src', 'src/a.txt'].map((path) => modeOf(worktreeDir, path))).toEqual(['700', '700', '600']);
    narrow.remove();

    chmod('readme.md', 0o600);
    const usual = await capture(site);
    process.umask(0o077);
    const restored = await restore(site, usual);
    const found = ['.', 'src', 'src/a.txt', 'readme.md'].map((path) => modeOf(restored.worktreeDir, path));
    expect(found).toEqual(['755', '755', '644', '600']);
  });

  it('that alone have changed are a new state, and so is changing them back', async () => {
    const first = await capture(site);
    const before = stateOf(first);
    expect(await captureAgain(before)).toMatchObject({ outcome: 'unchanged' });
    chmod('src/a.txt', 0o600);
    const second = await captureAgain(before);
    expect(second).toMatchObject({ outcome: 'captured', treeSha: first.treeSha });
    const closed = stateOf(second as Captured);
    expect(await captureAgain(closed)).toMatchObject({ outcome: 'unchanged' });
    chmod('src', 0o700);
    const third = (await captureAgain(closed)) as Captured;
    expect(exceptionsOf(third.modes)).toEqual({ 600: ['src/a.txt'], 700: ['src'] });
    chmod('src', 0o755);
    chmod('src/a.txt', 0o644);
    expect(await captureAgain(stateOf(third))).toMatchObject({ outcome: 'captured', modes: null });
  });

  it('that change within a second, twice, are noticed', async () => {
    write(site.workDir, 'young.txt', 'young\n');
    await capture(site);
    for (const mode of [0o600, 0o640, 0o400]) {
      chmod('young.txt', mode);
      expect(exceptionsOf((await capture(site)).modes)).toEqual({ [mode.toString(8)]: ['young.txt'] });
    }
  });

  it('are known after a commit, of files that moved, and of none that are gone', async () => {
    chmod('src/a.txt', 0o600);
    chmod('src/b.txt', 0o640);
    chmod('readme.md', 0o400);
    await aSecondLater();
    await capture(site);
    renameSync(inWork('src'), inWork('lib'));
    rmSync(inWork('readme.md'));
    git(site.workDir, 'add', '-A');
    git(site.workDir, 'commit', '-qm', 'move');
    expect(exceptionsOf((await capture(site)).modes)).toEqual({ 600: ['lib/a.txt'], 640: ['lib/b.txt'] });
    chmod('lib/b.txt', 0o400);
    git(site.workDir, 'update-index', '--refresh');
    expect(exceptionsOf((await capture(site)).modes)).toEqual({ 400: ['lib/b.txt'], 600: ['lib/a.txt'] });
  });

  it('of a file that nobody may read any more are noticed, though it is kept as it was', () =>
    asNobody(site.dir, async () => {
      await capture(site);
      write(site.workDir, 'src/a.txt', 'written by somebody else\n');
      chmod('src/a.txt', 0o200);
      const captured = await capture(site);
      expect(captured.omissions).toEqual([{ path: 'src/a.txt', reason: 'unreadable' }]);
      expect(exceptionsOf(captured.modes)).toEqual({ 200: ['src/a.txt'] });
    }));

  it('with which nothing can be written are captured, restored and cleaned up all the same', async () => {
    await mirrorElsewhere(site);
    await asNobody(site.dir, async () => {
      chmod('src', 0o555);
      const captured = await capture(site);
      const restored = await restore(site, captured, { asTask: true });
      expect(modeOf(restored.worktreeDir, 'src')).toBe('555');
      const again = await restore(site, captured, { asTask: true });
      expect(again.movedAsideTo).not.toBeNull();
      await removeWorktree({ worktreeDir: again.worktreeDir, gitDir: again.gitDir });
      expect(() => statSync(join(again.worktreeDir, '..'))).toThrow('ENOENT');
      chmod('src', 0o755);
    });
  });

  it('of untrusted origin reach nothing but files and folders of the tree, and only nine bits', async () => {
    const outside = join(site.dir, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'victim'), '');
    symlinkSync(outside, inWork('link'));
    chmod('readme.md', 0o600);
    const captured = await capture(site);
    const paths = [
      'link',
      'link/victim',
      '../victim',
      '../../outside/victim',
      outside,
      '.git/config',
      'src/b.txt',
    ];
    const modes = { ...captured.modes!, exceptions: [{ mode: 0o6707, paths }] };
    const { worktreeDir, treeSha } = await restore(site, { ...captured, modes });
    expect([modeOf(outside), modeOf(outside, 'victim')]).toEqual(['755', '644']);
    expect(modeOf(worktreeDir, '.git/config')).toBe('644');
    // Executable or not is what the tree says.
    expect(modeOf(worktreeDir, 'src/b.txt')).toBe('607');
    expect(treeSha).toBe(captured.treeSha);
  });

  it('with special bits, and several names of one file, are named as not kept', async () => {
    chmod('bin/run', 0o4755);
    chmod('src', 0o1755);
    linkSync(inWork('readme.md'), inWork('copy.md'));
    linkSync(inWork('src/b.txt'), join(site.dir, 'elsewhere'));
    const captured = await capture(site);
    expect(captured.modes).toBeNull();
    expect(captured.omissions).toEqual([
      { path: 'bin/run', reason: 'special-mode' },
      { path: 'src', reason: 'special-mode' },
      { path: 'copy.md', reason: 'hard-link' },
      { path: 'readme.md', reason: 'hard-link' },
    ]);
    const { worktreeDir } = await restore(site, captured);
    expect([modeOf(worktreeDir, 'bin/run'), modeOf(worktreeDir, 'src')]).toEqual(['755', '755']);
    rmSync(inWork('copy.md'));
    chmod('bin/run', 0o755);
    chmod('src', 0o755);
    expect((await capture(site)).omissions).toEqual([]);
  });
});
