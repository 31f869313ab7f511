import { Injectable } from '@nestjs/common';
import { CHUNK_SIZE_BYTES, ContractError, type Conversation, type ConversationFile } from '#contracts';
import { Database, findCheckpoint, findTask, readConversationSlice } from '#database';
import { taskNotFound } from '#tasks';

/** The conversation of a checkpoint, and whose it is. */
export interface StoredConversation extends Conversation {
  taskId: string;
  attempt: number;
  checkpointNumber: number;
}

/** Finds conversations and reads the bytes of their files. */
@Injectable()
export class ReadConversation {
  constructor(private readonly database: Database) {}

  /** @throws ContractError `TASK_NOT_FOUND`, `CHECKPOINT_NOT_FOUND`, `CONVERSATION_NOT_FOUND` */
  async find(taskId: string, checkpointNumber: number): Promise<StoredConversation> {
    const checkpoint = await findCheckpoint(this.database.manager, taskId, checkpointNumber);
    if (checkpoint?.conversation) {
      return { ...checkpoint.conversation, taskId, attempt: checkpoint.attempt, checkpointNumber };
    }
    if (!(await findTask(this.database.manager, taskId))) throw taskNotFound(taskId);
    if (!checkpoint) {
      const message = `Task ${taskId} has no checkpoint ${checkpointNumber}.`;
      throw new ContractError('CHECKPOINT_NOT_FOUND', message, 'number');
    }
    throw notFound(`Checkpoint ${checkpointNumber} of task ${taskId} has no conversation.`, 'number');
  }

  /**
   * @param path absent: the first file, which is the agent's own
   * @throws ContractError `CONVERSATION_NOT_FOUND`
   */
  fileOf(conversation: StoredConversation, path?: string): ConversationFile {
    const file = path === undefined ? conversation.files[0] : conversation.files.find((f) => f.path === path);
    if (file) return file;
    const paths = conversation.files.map((each) => each.path).join(', ');
    throw notFound(`This conversation has no file "${path}". It has ${paths}.`, 'path');
  }

  /**
   * Bytes of a file from an offset on, at most {@link CHUNK_SIZE_BYTES}; none at its end.
   *
   * @throws ContractError `CONVERSATION_NOT_FOUND`: they have expired
   */
  async slice(
    { taskId, attempt }: StoredConversation,
    file: ConversationFile,
    offsetBytes: number,
  ): Promise<Buffer> {
    const left = file.lengthBytes - offsetBytes;
    if (left <= 0) return Buffer.alloc(0);
    const key = { taskId, attempt, path: file.path, generation: file.generation };
    const range = { offsetBytes, lengthBytes: Math.min(left, CHUNK_SIZE_BYTES) };
    const data = await readConversationSlice(this.database.manager, key, range);
    if (data) return data;
    throw notFound('The bytes of this conversation have expired, with the patches of its attempt.', 'number');
  }

  /** The file in order, one slice in memory at a time. Throws as {@link slice} does. */
  async *slices(conversation: StoredConversation, file: ConversationFile): AsyncGenerator<Buffer> {
    for (let offset = 0; offset < file.lengthBytes;) {
      const data = await this.slice(conversation, file, offset);
      yield data;
      offset += data.length;
    }
  }
}

function notFound(message: string, path: string): ContractError {
  return new ContractError('CONVERSATION_NOT_FOUND', message, path);
}
