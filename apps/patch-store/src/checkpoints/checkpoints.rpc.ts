import { Controller } from '@nestjs/common';
import {
  decode,
  ListCheckpointsRequest,
  requireIdentity,
  type CheckpointList,
  type ListedCheckpoint,
} from '#contracts';
import { Database, listCheckpoints, type TaskCheckpoint } from '#database';
import { Rpc, type ReceivedMessage } from '#messaging';
import { requireHolder } from '#tasks';
import { checkpointView } from './checkpoint-view.js';

/** Checkpoints for daemons. A daemon only gets answers about tasks that it holds. */
@Controller()
export class CheckpointsRpc {
  constructor(private readonly database: Database) {}

  @Rpc('list-checkpoints')
  async list(request: ReceivedMessage): Promise<CheckpointList> {
    const asked = decode(ListCheckpointsRequest, request.data);
    requireIdentity(request.subject, asked);
    const { manager } = this.database;
    const { id } = await requireHolder(manager, asked.taskId, asked);
    const rows = await listCheckpoints(manager, id, { before: asked.beforeNumber, limit: asked.limit });
    return { checkpoints: rows.map(listed) };
  }
}

function listed(checkpoint: TaskCheckpoint): ListedCheckpoint {
  const view = checkpointView(checkpoint);
  const { number, attempt, kind, message, filesChanged, linesAdded, linesRemoved, hasPatch, createdAt } =
    view;
  return { number, attempt, kind, message, filesChanged, linesAdded, linesRemoved, hasPatch, createdAt };
}
