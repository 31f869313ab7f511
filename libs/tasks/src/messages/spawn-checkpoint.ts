import type { EntityManager } from 'typeorm';
import { readPatchSlice, type LatestRestorable, type RestorablePatch } from '#database';
import { mayRideInline, type SpawnCheckpoint, type SpawnPatch } from './checkpoint-to-restore.js';

/**
 * Reads what a SpawnTask contains about a checkpoint, with the bytes that may be included.
 *
 * A patch that belongs to no checkpoint is never resumed from: its place in the task's history is unknown.
 */
export async function readSpawnCheckpoint(
  manager: EntityManager,
  { checkpoint, patch, bundle }: LatestRestorable,
): Promise<SpawnCheckpoint | null> {
  const stored = bundle ?? patch;
  if (checkpoint === null || stored === null) return null;
  return {
    ...checkpoint,
    baseCommitSha: stored.baseCommitSha,
    treeSha: stored.treeSha,
    filesCount: stored.filesCount,
    ageSeconds: stored.ageSeconds,
    patch: patch && (await spawnPatch(manager, patch)),
    bundle: bundle && (await spawnPatch(manager, bundle)),
  };
}

async function spawnPatch(manager: EntityManager, stored: RestorablePatch): Promise<SpawnPatch> {
  const { id, format, sha256, patchSizeBytes: sizeBytes, uncompressedSizeBytes } = stored;
  const slice = mayRideInline(sizeBytes)
    ? await readPatchSlice(manager, id, { offsetBytes: 0, lengthBytes: sizeBytes })
    : null;
  return { id, format, sha256, sizeBytes, uncompressedSizeBytes, data: slice?.data ?? null };
}
