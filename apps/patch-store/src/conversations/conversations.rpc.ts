import { Controller } from '@nestjs/common';
import { decode, ReadConversationRequest, requireIdentity, type ConversationSlice } from '#contracts';
import { Database } from '#database';
import { Rpc, type ReceivedMessage } from '#messaging';
import { requireHolder } from '#tasks';
import { ReadConversation } from './read-conversation.js';

/** Conversations for daemons. A daemon only gets answers about tasks that it holds. */
@Controller()
export class ConversationsRpc {
  constructor(
    private readonly database: Database,
    private readonly read: ReadConversation,
  ) {}

  @Rpc('read-conversation')
  async slice(request: ReceivedMessage): Promise<ConversationSlice> {
    const asked = decode(ReadConversationRequest, request.data);
    requireIdentity(request.subject, asked);
    await requireHolder(this.database.manager, asked.taskId, asked);
    const conversation = await this.read.find(asked.taskId, asked.checkpointNumber);
    const file = this.read.fileOf(conversation, asked.path);
    const data = await this.read.slice(conversation, file, asked.offsetBytes);
    return { data: data.toString('base64') };
  }
}
