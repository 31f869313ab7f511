import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CheckpointToRestore, SpawnTask } from '#contracts';
import type { ProofRequest } from '#git';
import { openSource, type RestoreCheckpointDependencies } from './prepare-worktree.js';
import { proveCheckpoint } from './restore-from-checkpoint.js';

/**
 * Lends the files of a checkpoint of a task whose agent runs to `use`, which may write them into a folder
 * beside its worktree. Captures and their shadow are left alone; nothing stays afterwards.
 *
 * @throws Error for people, when it cannot be restored; what `use` throws
 */
export async function withCheckpoint<T>(
  { spawn, worktreeDir }: { spawn: SpawnTask; worktreeDir: string },
  checkpoint: CheckpointToRestore,
  deps: RestoreCheckpointDependencies,
  use: (request: ProofRequest) => Promise<T>,
): Promise<T> {
  const { mirrorDir } = await openSource(spawn, deps, checkpoint.patchBaseSha);
  const shadowDir = await mkdtemp(join(deps.folder.shadows, 'tool-'));
  const beside = await mkdtemp(join(dirname(worktreeDir), 'restored-'));
  try {
    return await proveCheckpoint(
      checkpoint,
      { mirrorDir, shadowDir, worktreeDir: beside },
      (patchId, offsetBytes, lengthBytes) => deps.readSlice(patchId, offsetBytes, lengthBytes, spawn.attempt),
      use,
    );
  } finally {
    await Promise.all([shadowDir, beside].map((dir) => rm(dir, { recursive: true, force: true })));
  }
}
