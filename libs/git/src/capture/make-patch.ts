import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CeilingReached, collect } from '../run/collect.js';
import { runGit } from '../run/run-git.js';

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

/** For people; a binary file counts as a file without lines. */
export interface ChangeCounts {
  filesChanged: number;
  linesAdded: number;
  linesRemoved: number;
}

/**
 * Writes the difference between two trees as a patch that `git apply --binary` turns back into exactly the
 * second one, and counts it.
 *
 * @param request.maxPatchBytes null for the counts alone
 * @returns no patch when it would be larger than `maxPatchBytes` compressed; git is stopped as soon as that
 *   is known
 */
export async function makePatch(request: {
  gitDir: string;
  baseSha: string;
  treeSha: string;
  maxPatchBytes: number | null;
  signal?: AbortSignal | undefined;
}): Promise<{ counts: ChangeCounts; patch: Patch | null }> {
  const { baseSha, treeSha, maxPatchBytes } = request;
  const counts: ChangeCounts = { filesChanged: 0, linesAdded: 0, linesRemoved: 0 };
  let uncompressedSizeBytes = 0;
  let data: Buffer = Buffer.alloc(0);
  const takeCounts = (source: AsyncIterable<Buffer>) => readCounts(source, counts);
  const measure = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      uncompressedSizeBytes += chunk.length;
      yield chunk;
    }
  };
  const keep = async (source: AsyncIterable<Buffer>): Promise<void> => {
    data = await collect(source, maxPatchBytes ?? 0);
  };
  try {
    await runGit({
      purpose: `writing the patch from ${baseSha} to ${treeSha}`,
      gitDir: request.gitDir,
      args: [
        'diff-tree',
        '-r',
        '-z',
        '--numstat',
        ...(maxPatchBytes === null ? [] : PATCH_OPTIONS),
        '--no-renames',
        '--no-ext-diff',
        '--no-textconv',
        '--ignore-submodules=none',
        '--diff-algorithm=myers',
        '--end-of-options',
        baseSha,
        treeSha,
      ],
      consume: (stdout: Readable) =>
        maxPatchBytes === null
          ? pipeline(stdout, takeCounts, keep)
          : pipeline(stdout, takeCounts, measure, createGzip(), keep),
      signal: request.signal,
    });
  } catch (error) {
    if (error instanceof CeilingReached) return { counts, patch: null };
    throw error;
  }
  if (maxPatchBytes === null) return { counts, patch: null };
  const sha256 = createHash('sha256').update(data).digest('hex');
  const size = { sizeBytes: data.length, uncompressedSizeBytes, filesCount: counts.filesChanged };
  return { counts, patch: { format: 'git-diff', data, sha256, ...size } };
}

const PATCH_OPTIONS = [
  '-p',
  '--binary',
  '--full-index',
  '--no-color',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '-U3',
  '--submodule=short',
  '--no-indent-heuristic',
  '--inter-hunk-context=0',
];

/**
 * Adds up the records `added, removed, path` that come first, up to an empty one, and passes on what follows.
 * One process does for both: a second one costs more than the few milliseconds that it would work beside the
 * first.
 */
async function* readCounts(source: AsyncIterable<Buffer>, counts: ChangeCounts): AsyncGenerator<Buffer> {
  let unread: Buffer | null = Buffer.alloc(0);
  for await (const chunk of source) {
    if (unread === null) {
      yield chunk;
      continue;
    }
    unread = Buffer.concat([unread, chunk]);
    for (let end = unread.indexOf(0); end > 0; end = unread.indexOf(0)) {
      addRecord(counts, unread.toString('latin1', 0, end));
      unread = unread.subarray(end + 1);
    }
    if (unread[0] !== 0) continue;
    yield unread.subarray(1);
    unread = null;
  }
}

function addRecord(counts: ChangeCounts, record: string): void {
  const [added, removed] = record.split('\t', 2);
  counts.filesChanged += 1;
  counts.linesAdded += Number(added) || 0;
  counts.linesRemoved += Number(removed) || 0;
}
