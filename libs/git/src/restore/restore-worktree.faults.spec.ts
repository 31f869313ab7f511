import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { restoreWorktree } from './restore-worktree.js';
import { compileLibrary, restoreKilledAt } from '../../testing/killed-restore.js';
import { git } from '../../testing/repositories.js';
import { useRestoreScene } from '../../testing/restore-scene.js';
import { capture, listing } from '../../testing/round-trip.js';

describe('restoreWorktree', () => {
  const scene = useRestoreScene();

  it.each([['for a person'], ['for a task'], ['into a new repository']])(
    'F26 succeeds after a SIGKILL at any step, %s',
    async (kind) => {
      if (kind === 'into a new repository') {
        git(scene.site.workDir, 'remote', 'remove', 'origin');
        const { baseSha, treeSha, patch } = await capture(scene.site);
        Object.assign(scene.request, { mirrorDir: null, baseSha, treeSha, patch });
      }
      if (kind === 'for a task') {
        scene.request.taskDir = scene.request.worktreeDir;
        scene.request.worktreeDir = join(scene.request.taskDir, 'tree');
      }
      const placeDir = scene.request.taskDir ?? scene.request.worktreeDir;
      const libraryDir = compileLibrary(join(scene.site.dir, 'library'));
      let step = 1;
      while (restoreKilledAt(step, libraryDir, scene.site.dir, scene.request)) {
        const restored = await restoreWorktree(scene.request);
        expect(restored).toMatchObject({ treeSha: scene.request.treeSha, branchName: 'task/one' });
        expect(listing(scene.request.worktreeDir)).toBe(listing(scene.site.workDir));
        expect(readdirSync(join(scene.site.dir, 'tasks'))).toEqual(['one']);
        expect(git(scene.request.worktreeDir, 'fsck', '--no-dangling')).toBe('');
        if (scene.request.taskDir) expect(readdirSync(placeDir).sort()).toEqual(['repository.git', 'tree']);
        rmSync(placeDir, { recursive: true });
        step += 1;
      }
      expect(step).toBeGreaterThan(10);
    },
    240_000,
  );
});
