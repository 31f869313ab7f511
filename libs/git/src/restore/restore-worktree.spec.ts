import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { restoreWorktree } from './restore-worktree.js';
import { git, write } from '../../testing/repositories.js';
import { patchOf, useRestoreScene } from '../../testing/restore-scene.js';
import { capture, listing } from '../../testing/round-trip.js';

describe('restoreWorktree', () => {
  const scene = useRestoreScene();

  describe('never destroys', () => {
    it('a folder with files that is in the way', async () => {
      write(scene.request.worktreeDir, 'precious.txt', 'precious\n');
      const { movedAsideTo } = await restoreWorktree(scene.request);
      expect(readFileSync(join(movedAsideTo!, 'precious.txt'), 'utf8')).toBe('precious\n');
    });

    it('a file or a link that is in the way', async () => {
      mkdirSync(join(scene.site.dir, 'tasks'));
      write(scene.site.dir, 'elsewhere/precious.txt', 'precious\n');
      symlinkSync(join(scene.site.dir, 'elsewhere'), scene.request.worktreeDir);
      const { movedAsideTo } = await restoreWorktree(scene.request);
      expect(readFileSync(join(movedAsideTo!, 'precious.txt'), 'utf8')).toBe('precious\n');
      expect(readdirSync(join(scene.site.dir, 'elsewhere'))).toEqual(['precious.txt']);
    });

    it('commits on the branch of the folder that is in the way', async () => {
      const first = await restoreWorktree(scene.request);
      git(first.worktreeDir, 'commit', '-qam', 'precious');
      const { movedAsideTo, worktreeDir } = await restoreWorktree(scene.request);
      expect(git(movedAsideTo!, 'log', '-1', '--format=%s', 'task/one')).toBe('precious');
      expect(git(worktreeDir, 'rev-parse', 'task/one')).toBe(scene.captured.baseSha);
    });

    it('the worktree that a failed restore was to replace', async () => {
      await restoreWorktree(scene.request);
      write(scene.request.worktreeDir, 'later.txt', 'later\n');
      const before = listing(scene.request.worktreeDir);
      await expect(restoreWorktree({ ...scene.request, patch: patchOf('hello') })).rejects.toThrow();
      expect(listing(scene.request.worktreeDir)).toBe(before);
      expect(readdirSync(join(scene.site.dir, 'tasks'))).toEqual(['one']);
    });

    it('puts nothing aside for an empty folder', async () => {
      mkdirSync(scene.request.worktreeDir, { recursive: true });
      expect((await restoreWorktree(scene.request)).movedAsideTo).toBeNull();
    });
  });

  it('shows the captured changes as uncommitted edits on the base', async () => {
    const { worktreeDir, headSha } = await restoreWorktree(scene.request);
    expect(headSha).toBe(scene.captured.baseSha);
    expect(git(worktreeDir, 'rev-parse', 'HEAD')).toBe(scene.captured.baseSha);
    expect(git(worktreeDir, 'status', '--short', '--branch')).toBe('## task/one\n M src/a.txt\n?? new.txt');
  });

  it('restores several tasks from one mirror at once', async () => {
    const names = ['one', 'two', 'three', 'four'];
    const restored = await Promise.all(
      names.map((name) =>
        restoreWorktree({
          ...scene.request,
          worktreeDir: join(scene.site.dir, 'tasks', name),
          shadowDir: join(scene.site.dir, 'shadows', `${name}.git`),
          branchName: `task/${name}`,
        }),
      ),
    );
    for (const { worktreeDir, branchName } of restored) {
      expect(listing(worktreeDir)).toBe(listing(scene.site.workDir));
      expect(git(worktreeDir, 'branch', '--show-current')).toBe(branchName);
    }
  });

  it('the next capture of a restored worktree finds the same state', async () => {
    const { worktreeDir, treeSha } = await restoreWorktree(scene.request);
    const again = await capture({ ...scene.site, workDir: worktreeDir, shadowDir: scene.request.shadowDir });
    expect(again).toMatchObject({
      treeSha,
      baseSha: scene.captured.baseSha,
      headSha: scene.captured.baseSha,
    });
    expect(again.patch!.sha256).toBe(scene.captured.patch!.sha256);
  });
});
