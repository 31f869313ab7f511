import { Controller } from '@nestjs/common';
import { decode, requireIdentity, RestorableCheckpointReply, RestorableCheckpointRequest } from '#contracts';
import { Database, latestRestorablePatch } from '#database';
import { Rpc, type ReceivedMessage } from '#messaging';
import { checkpointToRestore, MAX_SPAWN_TASK_BYTES, readSpawnCheckpoint, requireHolder } from '#tasks';

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
      const task = await requireHolder(manager, asked.taskId, asked);
      const older = await latestRestorablePatch(manager, task.id, asked.beforeNumber);
      const checkpoint = await readSpawnCheckpoint(manager, older);
      return checkpoint ? checkpointToRestore(checkpoint, MAX_SPAWN_TASK_BYTES) : {};
    });
  }
}
