import { MAX_FAILED_TRY_LENGTH, MAX_UNCOMPRESSED_PATCH_BYTES, type CheckpointToRestore } from '#contracts';
import {
  restoreFromAny,
  restoreWorktree,
  type FailedForm,
  type ProofRequest,
  type Restored,
  type RestoreRequest,
} from '#git';
import { readSpawnedPatch, spawnedPatches, type ReadSlice, type SpawnedPatch } from './read-spawn-patch.js';

/** Where to make the worktree, and from what. */
export interface RestorePlace {
  mirrorDir: string | null;
  worktreeDir: string;
  taskDir: string;
  shadowDir: string;
  branchName: string;
}

/** Attempts that failed are listed in either case. */
export type RestoreOutcome =
  | { outcome: 'restored'; restored: Restored; from: SpawnedPatch; failedTries: string[] }
  | { outcome: 'failed'; failedTries: string[] };

/** Repeats work that may fail temporarily until it succeeds, or gives up and throws its last error. */
export type Persist = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Restores the worktree of a checkpoint, from the bundle if there is one, else from the diff. A form that
 * cannot succeed is noted, and the next one is tried; so is the diff after a bundle with which git kept
 * failing.
 *
 * @throws a failure that is not the fault of this checkpoint (judge-failure.ts in libs/git): it may still be
 *   restorable
 */
export async function restoreFromCheckpoint(
  checkpoint: CheckpointToRestore,
  openPlace: () => Promise<RestorePlace>,
  readSlice: ReadSlice,
  persistently: Persist,
): Promise<RestoreOutcome> {
  const tried = await restoreFromAny(spawnedPatches(checkpoint), (from) =>
    persistently(async () => {
      const place = await openPlace();
      const data = await readSpawnedPatch(from, readSlice);
      return restoreWorktree({ ...place, modes: checkpoint.modes, ...proofOf(checkpoint, from, data) });
    }),
  );
  const failedTries = tried.failed.map((failed) => describeFailed(checkpoint, failed));
  if (tried.outcome === 'failed') return { outcome: 'failed', failedTries };
  return { outcome: 'restored', restored: tried.result, from: tried.from, failedTries };
}

/**
 * Lends the files of a checkpoint, once they are proven, to `use`. By the same rules, but without trying
 * again.
 *
 * @throws Error for people, when it cannot be restored; what `use` throws
 */
export async function proveCheckpoint<T>(
  checkpoint: CheckpointToRestore,
  place: Pick<ProofRequest, 'mirrorDir' | 'worktreeDir' | 'shadowDir'>,
  readSlice: ReadSlice,
  use: (request: ProofRequest) => Promise<T>,
): Promise<T> {
  const tried = await restoreFromAny(spawnedPatches(checkpoint), async (from) =>
    use({ ...place, ...proofOf(checkpoint, from, await readSpawnedPatch(from, readSlice)) }),
  );
  if (tried.outcome === 'restored') return tried.result;
  throw new Error(tried.failed.map((failed) => describeFailed(checkpoint, failed)).join('; '));
}

function proofOf(checkpoint: CheckpointToRestore, from: SpawnedPatch, data: Buffer) {
  return {
    baseSha: checkpoint.patchBaseSha!,
    treeSha: checkpoint.patchTreeSha!,
    patch: patchOf(checkpoint, from, data),
    maxUncompressedBytes: MAX_UNCOMPRESSED_PATCH_BYTES,
  };
}

function describeFailed(
  { checkpointNumber }: CheckpointToRestore,
  { form, error }: FailedForm<SpawnedPatch>,
): string {
  const { code, message } = error as Error & { code: string };
  const tried = `checkpoint ${checkpointNumber} from its ${form.format}: ${code}: ${message}`;
  return tried.slice(0, MAX_FAILED_TRY_LENGTH);
}

function patchOf(checkpoint: CheckpointToRestore, from: SpawnedPatch, data: Buffer): RestoreRequest['patch'] {
  const { sha256 } = from;
  if (from.format === 'git-diff') return { format: 'git-diff', data, sha256 };
  return { format: 'git-bundle', data, sha256, headSha: checkpoint.checkpointCommitSha ?? null };
}
