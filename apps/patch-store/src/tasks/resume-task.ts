import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  latestRestorablePatch,
  readPatchSlice,
  type CheckpointWithoutPatch,
  type LatestRestorable,
  type RestorablePatch,
  type Task,
} from '#database';
import { tasksResumed } from '../metrics.js';
import { mayRideInline, type SpawnCheckpoint, type SpawnPatch } from './spawn-command.js';
import type { ResumeTaskBody } from './task.bodies.js';
import { isHolderAlive, TaskSteps } from './task-steps.js';

/** Sends a task out again, with the newest state of its worktree that can be restored. */
@Injectable()
export class ResumeTask {
  private readonly logger = new Logger(ResumeTask.name);

  constructor(private readonly steps: TaskSteps) {}

  /**
   * Each call is a new attempt: calling it twice spawns twice, and the first of the two is superseded.
   *
   * @throws ContractError `TASK_NOT_FOUND`; `TASK_STATE_CONFLICT` when the task is held by a daemon that is alive
   */
  async resume(taskId: string, { daemonId, pool, force }: ResumeTaskBody): Promise<Task> {
    let chosen: LatestRestorable | undefined;
    const task = await this.steps.take(taskId, async (task, manager) => {
      chosen = await latestRestorablePatch(manager, taskId);
      const checkpoint = await spawnCheckpoint(manager, chosen);
      return {
        input: { type: 'spawn-requested', holderAlive: await isHolderAlive(manager, task), force },
        columns: {
          pool: pool ?? task.pool,
          requestedDaemonId: daemonId ?? null,
          stateReason: lossReason(checkpoint, chosen.newerWithoutPatch),
        },
        resume: { checkpoint },
      };
    });
    tasksResumed.inc({ patch: chosen?.checkpoint ? 'yes' : 'no' });
    this.logger.log({
      msg: 'task resumed',
      taskId,
      attempt: task.attempt,
      checkpointNumber: chosen?.checkpoint?.number,
    });
    return task;
  }
}

/** A patch that belongs to no checkpoint is never resumed from: nothing says where in the task's history it stands. */
async function spawnCheckpoint(
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

/** What a resume cannot bring back, for people; null when it brings back everything that was recorded. */
export function lossReason(
  restored: Pick<SpawnCheckpoint, 'number'> | null,
  newer: CheckpointWithoutPatch | null,
): string | null {
  if (newer === null) return null;
  const cause = newer.patchAbsentReason ?? 'expired or deleted';
  const instead =
    restored === null ? 'No checkpoint can be restored' : `Checkpoint ${restored.number} is restored instead`;
  return `The newest checkpoint, ${newer.number}, has no patch (${cause}). ${instead}, unless its worktree is still there.`;
}
