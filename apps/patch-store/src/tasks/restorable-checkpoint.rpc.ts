import { Controller } from '@nestjs/common';
import { decode, requireIdentity, RestorableCheckpointReply, RestorableCheckpointRequest } from '#contracts';
import { Database, latestRestorablePatch } from '#database';
import { Rpc, type ReceivedMessage } from '#messaging';
import { checkpointToRestore, MAX_SPAWN_TASK_BYTES, readSpawnCheckpoint, requireHolder } from '#tasks';

/** The checkpoint that a daemon tries next if it cannot restore the one that it was given. */
@Controller()
export class RestorableCheckpointRpc {
  constructor(private readonly database: Database) {}

  /**
   * May be called repeatedly, each time with the number of the previous answer, until the answer is empty.
   */
  @Rpc('restorable-checkpoint')
  async next(request: ReceivedMessage): Promise<RestorableCheckpointReply> {
    const asked = decode(RestorableCheckpointRequest, request.data);
    requireIdentity(request.subject, asked);
    return this.database.transaction(async (manager) => {
      const task = await requireHolder(manager, asked.taskId, asked);
      const { beforeNumber, onlyNumber, otherThanTreeSha } = asked;
      const wanted = { beforeNumber, onlyNumber, otherThanTreeSha };
      const older = await latestRestorablePatch(manager, task.id, wanted);
      const checkpoint = await readSpawnCheckpoint(manager, older);
      return checkpoint ? checkpointToRestore(checkpoint, MAX_SPAWN_TASK_BYTES) : {};
    });
  }
}
