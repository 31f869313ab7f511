import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { captureWorktree, type Capture, type CaptureRequest } from '../capture-worktree.js';
import { computeTreeSha } from '../compute-tree-sha.js';
import { ensureMirror } from '../ensure-mirror.js';
import { restoreWorktree, type Restored } from '../restore-worktree.js';
import type { Site } from './repositories.js';

export type Captured = Extract<Capture, { outcome: 'captured' }>;

export const MEGABYTE = 1024 * 1024;

/** Captures the site's worktree, with generous limits. */
export async function capture(site: Site, options: Partial<CaptureRequest> = {}): Promise<Captured> {
  const result = await captureWorktree({
    worktreeDir: site.workDir,
    shadowDir: site.shadowDir,
    anchorRef: 'refs/patchpoint/task/1',
    maxPatchBytes: 64 * MEGABYTE,
    makePatch: true,
    ...options,
  });
  if (result.outcome !== 'captured') throw new Error(`expected a capture, got ${result.outcome}`);
  return result;
}

/** Restores a capture as another machine would: with its own mirror of the origin and nothing else. */
export async function restore(
  site: Site,
  captured: Captured,
  options: { name?: string; branchName?: string; withoutMirror?: boolean; fromBundle?: boolean } = {},
): Promise<Restored> {
  const name = options.name ?? 'restored';
  const mirrorDir = options.withoutMirror
    ? null
    : (
        await ensureMirror({
          mirrorsDir: join(site.dir, 'other-machine', 'mirrors'),
          sourceUrl: site.originUrl,
          allowFileProtocol: true,
          fetchIfMissing: captured.baseSha,
        })
      ).mirrorDir;
  return restoreWorktree({
    mirrorDir,
    worktreeDir: join(site.dir, 'other-machine', name),
    shadowDir: join(site.dir, 'other-machine', `${name}-shadow.git`),
    branchName: options.branchName ?? 'task/one',
    baseSha: captured.baseSha,
    treeSha: captured.treeSha,
    patch: options.fromBundle ? { ...captured.bundle!, headSha: captured.headSha } : captured.patch,
    maxUncompressedBytes: 512 * MEGABYTE,
  });
}

/** Every path outside of `.git` with its kind, mode and content hash; ignored files too. */
export function listing(dir: string): string {
  const script = `
    find . -name .git -prune -o -type f -printf '%p %m\\n' -o -type l -printf '%p -> %l\\n' | LC_ALL=C sort
    find . -name .git -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum --`;
  return execFileSync('bash', ['-c', script], { cwd: dir, maxBuffer: 1 << 28, encoding: 'latin1' });
}

/**
 * Captures the site's worktree, restores it elsewhere, and compares everything on disk. The restored worktree is captured once more,
 * through a new shadow, to see that nothing hangs on what the first one remembered.
 */
export async function expectRoundTrip(
  site: Site,
  options: Partial<CaptureRequest> = {},
): Promise<{ captured: Captured; restored: Restored }> {
  const captured = await capture(site, options);
  const restored = await restore(site, captured);
  expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
  expect(restored.treeSha).toBe(captured.treeSha);
  const again = { worktreeDir: restored.worktreeDir, shadowDir: join(site.dir, 'another-shadow.git') };
  expect(await computeTreeSha(again)).toBe(captured.treeSha);
  return { captured, restored };
}
