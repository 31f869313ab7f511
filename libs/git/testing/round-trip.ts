import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Capture, CaptureRequest } from '../src/capture/capture-request.js';
import { captureWorktree } from '../src/capture/capture-worktree.js';
import { computeTreeSha } from '../src/shadow/compute-tree-sha.js';
import { ensureMirror } from '../src/mirror/ensure-mirror.js';
import { restoreWorktree, type Restored } from '../src/restore/restore-worktree.js';
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

/** The other machine's mirror of the origin. */
export async function mirrorElsewhere(site: Site, fetchIfMissing?: string): Promise<string> {
  const { mirrorDir } = await ensureMirror({
    mirrorsDir: join(site.dir, 'other-machine', 'mirrors'),
    sourceUrl: site.originUrl,
    allowFileProtocol: true,
    ...(fetchIfMissing !== undefined && { fetchIfMissing }),
  });
  return mirrorDir;
}

/**
 * Restores a capture as another machine would: with its own mirror of the origin and nothing else.
 *
 * @param options.asTask as a daemon does, in a folder of the task; else as for a person
 */
export async function restore(
  site: Site,
  captured: Captured,
  options: {
    name?: string;
    branchName?: string;
    withoutMirror?: boolean;
    fromBundle?: boolean;
    asTask?: boolean;
  } = {},
): Promise<Restored> {
  const name = options.name ?? 'restored';
  const placeDir = join(site.dir, 'other-machine', name);
  return restoreWorktree({
    mirrorDir: options.withoutMirror ? null : await mirrorElsewhere(site, captured.baseSha),
    ...(options.asTask
      ? { taskDir: placeDir, worktreeDir: join(placeDir, 'tree') }
      : { worktreeDir: placeDir }),
    shadowDir: join(site.dir, 'other-machine', `${name}-shadow.git`),
    branchName: options.branchName ?? 'task/one',
    baseSha: captured.baseSha,
    treeSha: captured.treeSha,
    modes: captured.modes,
    patch: options.fromBundle ? { ...captured.bundle!, headSha: captured.headSha } : captured.patch,
    maxUncompressedBytes: 512 * MEGABYTE,
  });
}

/**
 * Every path outside of `.git` with its kind, mode and content hash or target; ignored files too. Names are
 * bytes, so latin1.
 */
export function listing(dir: string): string {
  const lines: string[] = [];
  const visit = (folder: string): void => {
    const path = (name: string): Buffer => Buffer.from(join(folder, name), 'latin1');
    const entries = readdirSync(path('.'), { withFileTypes: true, encoding: 'latin1' });
    for (const entry of entries) {
      const file = path(entry.name);
      const name = join(folder, entry.name);
      if (entry.name === '.git') continue;
      if (entry.isDirectory()) visit(name);
      else if (entry.isSymbolicLink()) lines.push(`${name} -> ${readlinkSync(file, 'latin1')}`);
      else if (entry.isFile())
        lines.push(`${name} ${(statSync(file).mode & 0o7777).toString(8)} ${sha256(readFileSync(file))}`);
    }
  };
  visit(Buffer.from(dir).toString('latin1'));
  return lines
    .map((line) => line.slice(dir.length))
    .sort()
    .join('\n');
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * Captures the site's worktree, restores it elsewhere, and compares everything on disk. The restored worktree
 * is captured once more, through a new shadow, to check that nothing depends on what the first one
 * remembered.
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
