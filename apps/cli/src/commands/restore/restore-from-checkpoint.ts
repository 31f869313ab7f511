import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_UNCOMPRESSED_PATCH_BYTES } from '#contracts';
import { GitError, type ProofRequest, type RestorePatch } from '#git';
import type { PatchStoreClient } from '../../client/patch-store.client.js';
import type { CheckpointView } from '../../client/patch-store.views.js';
import type { Steps } from '../../output/steps.js';
import { fetchPatch, type FetchedPatch } from '../../find/read-diff.js';
import { stateFolder } from '../../settings/xdg.js';
import { openSource } from './open-source.js';

export interface RestoreSource {
  client: PatchStoreClient;
  steps: Steps;
  repoUrl: string;
  checkpoint: CheckpointView;
  worktreeDir: string;
}

/** What was restored, and from which of the two. */
export interface FromPatch<T> {
  result: T;
  /** `git-bundle` or `git-diff`. */
  format: string;
  baseSha: string;
}

/**
 * Fetches what a checkpoint is restored from, and hands it to `use`: the bundle, which keeps commits, else
 * the diff.
 *
 * @throws what `use` throws for the last of them; PatchStoreError `PATCH_EXPIRED`
 */
export async function restoreFromCheckpoint<T>(
  source: RestoreSource,
  use: (request: ProofRequest) => Promise<T>,
): Promise<FromPatch<T>> {
  const { bundleId, patchId } = source.checkpoint;
  if (bundleId !== null && patchId !== null) {
    try {
      return await restoreFrom(source, bundleId, use);
    } catch (error) {
      if (!(error instanceof GitError && MEND_BY_DIFF.has(error.code))) throw error;
      source.steps.step(`the bundle cannot be used (${error.code}), trying the diff`);
    }
  }
  return restoreFrom(source, (patchId ?? bundleId)!, use);
}

/** Faults of a bundle that its diff may not have. */
const MEND_BY_DIFF: ReadonlySet<string> = new Set([
  'PATCH_INVALID',
  'PATCH_TOO_LARGE',
  'BASE_MISSING',
  'DIGEST_MISMATCH',
]);

async function restoreFrom<T>(
  { client, steps, repoUrl, checkpoint, worktreeDir }: RestoreSource,
  patchId: string,
  use: (request: ProofRequest) => Promise<T>,
): Promise<FromPatch<T>> {
  steps.step(`reading checkpoint ${checkpoint.number}`);
  const fetched = await fetchPatch(client, patchId);
  const { baseCommitSha: baseSha, format } = fetched.info;
  steps.step(`fetching ${repoUrl}`);
  const mirrorDir = await openSource(repoUrl, baseSha);
  const shadowsDir = join(stateFolder(), 'shadows');
  await mkdir(shadowsDir, { recursive: true, mode: 0o700 });
  const shadowDir = await mkdtemp(join(shadowsDir, 'restore-'));
  try {
    steps.step('proving the captured tree');
    const result = await use({
      mirrorDir,
      worktreeDir,
      shadowDir,
      baseSha,
      treeSha: checkpoint.treeSha,
      patch: restorePatchOf(fetched, checkpoint),
      maxUncompressedBytes: MAX_UNCOMPRESSED_PATCH_BYTES,
    });
    return { result, format, baseSha };
  } finally {
    await rm(shadowDir, { recursive: true, force: true });
  }
}

function restorePatchOf({ info, data }: FetchedPatch, { commitSha }: CheckpointView): RestorePatch {
  const { sha256 } = info;
  if (info.format === 'git-diff') return { format: 'git-diff', data, sha256 };
  return { format: 'git-bundle', data, sha256, headSha: commitSha };
}
