import type { EntityManager } from 'typeorm';
import { latestRestorablePatch } from '#database';
import type { SpawnCheckpoint } from '../messages/checkpoint-to-restore.js';
import { lossReason } from '../decide/loss-reason.js';
import { readSpawnCheckpoint } from '../messages/spawn-checkpoint.js';

/**
 * What a resume restores (null: nothing can be restored), and what it cannot restore, for people (null:
 * nothing is missing).
 */
export interface ChosenCheckpoint {
  checkpoint: SpawnCheckpoint | null;
  loss: string | null;
}

/** The newest checkpoint of the task that can be restored. */
export async function chooseCheckpoint(manager: EntityManager, taskId: string): Promise<ChosenCheckpoint> {
  const latest = await latestRestorablePatch(manager, taskId);
  const checkpoint = await readSpawnCheckpoint(manager, latest);
  return { checkpoint, loss: lossReason(checkpoint, latest.newerWithoutPatch) };
}
