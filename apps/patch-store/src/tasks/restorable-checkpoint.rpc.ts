import { Controller } from '@nestjs/common';
import {
  ContractError,
  decode,
  requireIdentity,
  RestorableCheckpointReply,
  RestorableCheckpointRequest,
} from '#contracts';
import { Database, findTask, latestRestorablePatch, type Task } from '#database';
import { Rpc, type ReceivedMessage } from '#messaging';
import { checkpointToRestore, MAX_SPAWN_TASK_BYTES, readSpawnCheckpoint, taskNotFound } from '#tasks';

/** Where a daemon goes on when the checkpoint that it was told to restore cannot be restored. */
@Controller()
export class RestorableCheckpointRpc {
  constructor(private readonly database: Database) {}

  /**
   * May be asked again and again, each time with the number of the answer before: the answers end with an
   * empty one.
   */
  @Rpc('restorable-checkpoint')
  async next(request: ReceivedMessage): Promise<RestorableCheckpointReply> {
    const asked = decode(RestorableCheckpointRequest, request.data);
    requireIdentity(request.subject, asked);
    return this.database.transaction(async (manager) => {
      const task = await findTask(manager, asked.taskId);
      if (!task) throw taskNotFound(asked.taskId);
      requireHolder(task, asked);
      const older = await latestRestorablePatch(manager, task.id, asked.beforeNumber);
      const checkpoint = await readSpawnCheckpoint(manager, older);
      return checkpoint ? checkpointToRestore(checkpoint, MAX_SPAWN_TASK_BYTES) : {};
    });
  }
}

function requireHolder(task: Task, { attempt, daemonId }: RestorableCheckpointRequest): void {
  if (attempt < task.attempt) {
    throw new ContractError(
      'ATTEMPT_SUPERSEDED',
      `Attempt ${attempt} was superseded by attempt ${task.attempt}. Drop it.`,
      'attempt',
    );
  }
  if (attempt > task.attempt) {
    throw new ContractError(
      'TASK_STATE_CONFLICT',
      `Attempt ${attempt} was never spawned; the task is at attempt ${task.attempt}.`,
      'attempt',
    );
  }
  if (task.daemonId !== daemonId) {
    throw new ContractError(
      'IDENTITY_MISMATCH',
      `Attempt ${attempt} of task ${task.id} is not held by daemon "${daemonId}". Claim it first.`,
      'daemonId',
    );
  }
}
