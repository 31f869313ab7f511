import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CeilingReached, collect } from './collect.js';
import { runGit } from './run-git.js';

export interface Patch {
  format: 'git-diff';
  /** Gzip of the output of `git diff-tree -p --binary`; of nothing at all when there is no difference. */
  data: Buffer;
  /** Of `data`, hex. */
  sha256: string;
  /** Of `data`. */
  sizeBytes: number;
  uncompressedSizeBytes: number;
  filesCount: number;
}

/**
 * Writes the difference between two trees as a patch that `git apply --binary` turns back into exactly the second one.
 *
 * @returns null when it would be larger than `maxPatchBytes` compressed; git is stopped as soon as that is known
 */
export async function makePatch(request: {
  gitDir: string;
  baseSha: string;
  treeSha: string;
  maxPatchBytes: number;
  signal?: AbortSignal | undefined;
}): Promise<Omit<Patch, 'filesCount'> | null> {
  let uncompressedSizeBytes = 0;
  let data: Buffer = Buffer.alloc(0);
  const count = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      uncompressedSizeBytes += chunk.length;
      yield chunk;
    }
  };
  const keep = async (source: AsyncIterable<Buffer>): Promise<void> => {
    data = await collect(source, request.maxPatchBytes);
  };
  try {
    await runGit({
      purpose: `writing the patch from ${request.baseSha} to ${request.treeSha}`,
      gitDir: request.gitDir,
      args: [
        'diff-tree',
        '-r',
        '-p',
        '--binary',
        '--full-index',
        '--no-renames',
        '--no-ext-diff',
        '--no-textconv',
        '--no-color',
        '--src-prefix=a/',
        '--dst-prefix=b/',
        '-U3',
        '--ignore-submodules=none',
        '--submodule=short',
        '--diff-algorithm=myers',
        '--no-indent-heuristic',
        '--inter-hunk-context=0',
        '--end-of-options',
        request.baseSha,
        request.treeSha,
      ],
      consume: (stdout: Readable) => pipeline(stdout, count, createGzip(), keep),
      signal: request.signal,
    });
  } catch (error) {
    if (error instanceof CeilingReached) return null;
    throw error;
  }
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { format: 'git-diff', data, sha256, sizeBytes: data.length, uncompressedSizeBytes };
}
