import { ContractError, MAX_UNCOMPRESSED_PATCH_BYTES, type SpawnTask } from '#contracts';
import { GitError, restoreWorktree, type Restored, type RestoreRequest } from '#git';
import { readSpawnedPatch, spawnedPatches, type ReadSlice, type SpawnedPatch } from './read-spawn-patch.js';

/** Where the worktree is to be, and what it is to be made from. */
export interface RestorePlace {
  mirrorDir: string | null;
  worktreeDir: string;
  shadowDir: string;
  branchName: string;
}

export type RestoreOutcome =
  | { restored: Restored; from: SpawnedPatch; failedTries: string[] }
  | { restored: null; failedTries: string[] };

/**
 * Restores the worktree that a SpawnTask names, from the bundle if there is one, else from the diff. What cannot succeed is
 * noted, and the next one is tried.
 *
 * @throws whatever may be gone the next time (a server that is away, a full disk): nothing was decided then
 */
export async function restoreFromCheckpoint(
  spawn: SpawnTask,
  place: RestorePlace,
  readSlice: ReadSlice,
): Promise<RestoreOutcome> {
  const failedTries: string[] = [];
  for (const from of spawnedPatches(spawn)) {
    try {
      const data = await readSpawnedPatch(from, readSlice);
      const restored = await restoreWorktree({
        ...place,
        baseSha: spawn.patchBaseSha!,
        treeSha: spawn.patchTreeSha!,
        patch: patchOf(spawn, from, data),
        maxUncompressedBytes: MAX_UNCOMPRESSED_PATCH_BYTES,
      });
      return { restored, from, failedTries };
    } catch (error) {
      if (!isPermanent(error)) throw error;
      failedTries.push(
        `checkpoint ${spawn.checkpointNumber} from its ${from.format}: ${(error as Error).message}`.slice(
          0,
          2000,
        ),
      );
    }
  }
  return { restored: null, failedTries };
}

/** Whether trying the same again must fail again. */
export function isPermanent(error: unknown): boolean {
  if (error instanceof GitError) return error.isPermanent();
  return error instanceof ContractError;
}

function patchOf(spawn: SpawnTask, from: SpawnedPatch, data: Buffer): RestoreRequest['patch'] {
  const { sha256 } = from;
  if (from.format === 'git-diff') return { format: 'git-diff', data, sha256 };
  return { format: 'git-bundle', data, sha256, headSha: spawn.checkpointCommitSha ?? null };
}
