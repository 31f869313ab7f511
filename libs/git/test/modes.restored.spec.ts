import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { restorePaths } from '../src/index.js';
import { makeRepository } from '../src/mirror/make-repository.js';
import { removeWorktree } from '../src/mirror/remove-worktree.js';
import { asNobody } from '../testing/as-nobody.js';
import { exceptionsOf, modeOf, useModesScene } from '../testing/modes-scene.js';
import { makeSite, write } from '../testing/repositories.js';
import { capture, mirrorElsewhere, restore } from '../testing/round-trip.js';

describe('restored modes', () => {
  const scene = useModesScene();
  const { inWork, chmod } = scene;

  it.each([
    ['a task, from a bundle', { asTask: true, fromBundle: true }],
    ['a person, from a diff', {}],
  ])('come back for %s: files, executables and folders, tracked and untracked', async (_, how) => {
    chmod('readme.md', 0o600);
    chmod('src/a.txt', 0o444);
    chmod('bin/run', 0o700);
    write(scene.site.workDir, 'secrets/key', 'secret\n', 0o400);
    write(scene.site.workDir, 'secrets/deep/er', 'secret\n', 0o640);
    chmod('secrets', 0o700);
    chmod('src', 0o555);
    chmod('.', 0o750);
    const captured = await capture(scene.site, { bundle: 'always' });
    expect(exceptionsOf(captured.modes)).toEqual({
      400: ['secrets/key'],
      444: ['src/a.txt'],
      555: ['src'],
      600: ['readme.md'],
      640: ['secrets/deep/er'],
      700: ['secrets'],
      750: ['.'],
    });
    const { worktreeDir } = await restore(scene.site, captured, how);
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
    const usual = await capture(scene.site);
    process.umask(0o077);
    const restored = await restore(scene.site, usual);
    const found = ['.', 'src', 'src/a.txt', 'readme.md'].map((path) => modeOf(restored.worktreeDir, path));
    expect(found).toEqual(['755', '755', '644', '600']);
  });

  it('come back with single paths, whatever the umask, and not for the folder that these are put into', async () => {
    chmod('src/a.txt', 0o600);
    chmod('src', 0o750);
    write(scene.site.workDir, 'shut/deep/file', 'x\n', 0o444);
    chmod('shut/deep', 0o555);
    chmod('shut', 0o500);
    const captured = await capture(scene.site);
    const request = {
      ...captured,
      mirrorDir: await mirrorElsewhere(scene.site),
      shadowDir: join(scene.site.dir, 'parts.git'),
      maxUncompressedBytes: 1_000_000,
      paths: ['src', 'shut'],
    };
    for (const umask of [0o000, 0o077]) {
      process.umask(umask);
      const into = join(scene.site.dir, `parts-${umask}`);
      const { written } = await restorePaths({ ...request, worktreeDir: into });
      expect(written).toEqual(['src/a.txt', 'src/b.txt', 'shut/deep/file']);
      const found = ['.', 'src', 'src/a.txt', 'src/b.txt', 'shut', 'shut/deep', 'shut/deep/file'];
      expect(found.map((path) => modeOf(into, path))).toEqual([
        (0o777 & ~umask).toString(8),
        '750',
        '600',
        '644',
        '500',
        '555',
        '444',
      ]);
      expect((await restorePaths({ ...request, worktreeDir: into })).written).toEqual([]);
      const old = join(scene.site.dir, `old-${umask}`);
      await restorePaths({ ...request, modes: null, worktreeDir: old });
      expect(modeOf(old, 'src/a.txt')).toBe((0o666 & ~umask).toString(8));
    }
  });

  it('are closed to others until all of a restored worktree has its own', async () => {
    for (const taskDir of [undefined, join(scene.site.dir, 'task')]) {
      let whileMade = 0o777;
      const worktreeDir = taskDir === undefined ? join(scene.site.dir, 'place') : join(taskDir, 'tree');
      await makeRepository({
        worktreeDir,
        taskDir,
        mirrorDir: null,
        branchName: 'main',
        headSha: null,
        objectFormat: 'sha1',
        fill: async ({ rootDir }) => void (whileMade = statSync(rootDir).mode),
        worktreeMode: 0o710,
      });
      expect(whileMade & 0o7777).toBe(0o700);
      expect(modeOf(worktreeDir)).toBe('710');
      if (taskDir !== undefined) expect(modeOf(taskDir)).toBe('755');
    }
  });

  it('with which nothing can be written are captured, restored and cleaned up all the same', async () => {
    await mirrorElsewhere(scene.site);
    write(scene.site.workDir, 'src/deep/file', 'x\n');
    await asNobody(scene.site.dir, async () => {
      chmod('src', 0o555);
      const captured = await capture(scene.site);
      const restored = await restore(scene.site, captured, { asTask: true });
      expect(modeOf(restored.worktreeDir, 'src')).toBe('555');
      const again = await restore(scene.site, captured, { asTask: true });
      expect(again.movedAsideTo).not.toBeNull();
      // As root may capture it: nobody else could look into it.
      const exceptions = [
        { mode: 0, paths: ['src'] },
        { mode: 0o711, paths: ['src/deep'] },
      ];
      const closed = { ...captured, modes: { ...captured.modes!, exceptions } };
      const { worktreeDir } = await restore(scene.site, closed, { name: 'closed' });
      chmodSync(join(worktreeDir, 'src'), 0o755);
      expect(modeOf(worktreeDir, 'src/deep')).toBe('711');
      await removeWorktree({ worktreeDir: again.worktreeDir, gitDir: again.gitDir });
      expect(() => statSync(join(again.worktreeDir, '..'))).toThrow('ENOENT');
      chmod('src', 0o755);
    });
  });

  it('of untrusted origin reach nothing but files and folders of the tree, and only nine bits', async () => {
    const outside = join(scene.site.dir, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'victim'), '');
    symlinkSync(outside, inWork('link'));
    chmod('readme.md', 0o600);
    const captured = await capture(scene.site);
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
    const { worktreeDir, treeSha } = await restore(scene.site, { ...captured, modes });
    expect([modeOf(outside), modeOf(outside, 'victim')]).toEqual(['755', '644']);
    expect(modeOf(worktreeDir, '.git/config')).toBe('644');
    // Executable or not is what the tree says.
    expect(modeOf(worktreeDir, 'src/b.txt')).toBe('607');
    expect(treeSha).toBe(captured.treeSha);
  });
});
