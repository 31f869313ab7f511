import { createHash } from 'node:crypto';
import { CeilingReached, collect } from '../run/collect.js';
import { runGit } from '../run/run-git.js';
import { isEmptyTree } from '../values/sha.js';

export interface Bundle {
  format: 'git-bundle';
  /** A git bundle with one ref, the anchor; anyone who has the base can `git fetch` from it. */
  data: Buffer;
  /** Of `data`, hex. */
  sha256: string;
  /** Of `data`. */
  sizeBytes: number;
  /** Commits between the base and HEAD; the anchor, which holds the uncommitted changes, is not counted. */
  commitsCount: number;
}

/**
 * Packs what an anchored state has beyond its base: local commits as they are, and the uncommitted changes as
 * a commit on top.
 *
 * @param request.gitDir the shadow, whose refs include the anchor
 * @returns null when it would be larger than `maxBundleBytes` (git is stopped as soon as that is known), and
 *   in shallow or partial clones that lack objects which the bundle would have to carry
 */
export async function makeBundle(request: {
  gitDir: string;
  anchorRef: string;
  baseSha: string;
  commitsCount: number;
  maxBundleBytes: number;
  signal?: AbortSignal | undefined;
}): Promise<Bundle | null> {
  const { gitDir, anchorRef, baseSha, commitsCount, maxBundleBytes, signal } = request;
  let data: Buffer = Buffer.alloc(0);
  try {
    const { exitCode } = await runGit({
      purpose: `bundling ${anchorRef} of ${gitDir}`,
      gitDir,
      args: ['bundle', 'create', '--quiet', '-', anchorRef, ...(isEmptyTree(baseSha) ? [] : [`^${baseSha}`])],
      // Objects that are not there are found on the way: that ends in 1 or 128 like any other failure.
      expectedExitCodes: [0, 1, 128],
      consume: async (stdout) => {
        data = await collect(stdout, maxBundleBytes);
      },
      signal,
    });
    if (exitCode !== 0) return null;
  } catch (error) {
    if (error instanceof CeilingReached) return null;
    throw error;
  }
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { format: 'git-bundle', data, sha256, sizeBytes: data.length, commitsCount };
}
