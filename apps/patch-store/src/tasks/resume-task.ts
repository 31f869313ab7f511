import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  latestRestorablePatch,
  readPatchSlice,
  type CheckpointWithoutPatch,
  type LatestRestorable,
  type Task,
} from '#database';
import { tasksResumed } from '../metrics.js';
import { mayRideInline, type SpawnPatch } from './spawn-command.js';
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
      const patch = await spawnPatch(manager, chosen);
      return {
        input: { type: 'spawn-requested', holderAlive: await isHolderAlive(manager, task), force },
        columns: {
          pool: pool ?? task.pool,
          requestedDaemonId: daemonId ?? null,
          stateReason: lossReason(patch, chosen.newerWithoutPatch),
        },
        resume: { patch },
      };
    });
    const hasPatch = chosen?.patch?.checkpointNumber != null;
    tasksResumed.inc({ patch: hasPatch ? 'yes' : 'no' });
    this.logger.log({
      msg: 'task resumed',
      taskId,
      attempt: task.attempt,
      checkpointNumber: chosen?.patch?.checkpointNumber,
    });
    return task;
  }
}

/** A patch that belongs to no checkpoint is never resumed from: nothing says where in the task's history it stands. */
async function spawnPatch(manager: EntityManager, { patch }: LatestRestorable): Promise<SpawnPatch | null> {
  if (patch === null || patch.checkpointNumber === null || patch.checkpointAttempt === null) return null;
  const { id, patchSizeBytes, checkpointNumber, checkpointAttempt } = patch;
  const slice = mayRideInline(patchSizeBytes)
    ? await readPatchSlice(manager, id, { offsetBytes: 0, lengthBytes: patchSizeBytes })
    : null;
  return {
    id,
    checkpointNumber,
    checkpointAttempt,
    format: patch.format,
    baseCommitSha: patch.baseCommitSha,
    treeSha: patch.treeSha,
    sha256: patch.sha256,
    sizeBytes: patchSizeBytes,
    uncompressedSizeBytes: patch.uncompressedSizeBytes,
    filesCount: patch.filesCount,
    ageSeconds: patch.ageSeconds,
    data: slice?.data ?? null,
  };
}

/** What a resume cannot bring back, for people; null when it brings back everything that was recorded. */
export function lossReason(
  patch: Pick<SpawnPatch, 'checkpointNumber'> | null,
  newer: CheckpointWithoutPatch | null,
): string | null {
  if (newer === null) return null;
  const cause = newer.patchAbsentReason ?? 'expired or deleted';
  const instead =
    patch === null
      ? 'No checkpoint can be restored'
      : `Checkpoint ${patch.checkpointNumber} is restored instead`;
  return `The newest checkpoint, ${newer.number}, has no patch (${cause}). ${instead}, unless its worktree is still there.`;
}
