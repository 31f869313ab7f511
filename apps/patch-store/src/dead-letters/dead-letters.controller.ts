import { Controller, Get, HttpCode, Param, Post, Query, ServiceUnavailableException } from '@nestjs/common';
import { ContractError, ListDeadLettersQuery, type DeadLetterPage, type DeadLetterView } from '#contracts';
import { Database, findDeadLetter, listDeadLetters } from '#database';
import { PublishError } from '#messaging';
import { ReplayDeadLetter } from '#outbox';
import { IdPipe } from '../http/contract.pipe.js';
import { Needs } from '../http/needs.js';
import { pageOf } from '../http/page.js';
import { deadLetterSummary, deadLetterView } from './dead-letter-view.js';

@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly database: Database,
    private readonly replayDeadLetter: ReplayDeadLetter,
  ) {}

  /** Newest first, without their messages. */
  @Get()
  @Needs('content')
  async list(@Query() query: ListDeadLettersQuery): Promise<DeadLetterPage> {
    const { task, daemon, code, cursor, limit } = query;
    const rows = await listDeadLetters(this.database.manager, {
      code,
      taskId: task,
      daemonId: daemon,
      before: cursor,
      limit: limit + 1,
    });
    const { items, last, hasMore } = pageOf(rows, limit);
    return { deadLetters: items.map(deadLetterSummary), nextCursor: hasMore ? last!.id : null };
  }

  @Get(':id')
  @Needs('content')
  async get(@Param('id', IdPipe) id: string): Promise<DeadLetterView> {
    const letter = await findDeadLetter(this.database.manager, id);
    if (!letter) throw notFound(id);
    return deadLetterView(letter);
  }

  /**
   * 202: the message is on its subject again, once the reason for its refusal is gone. What is refused again
   * becomes the same dead letter again. May be sent twice: the message keeps its event id.
   */
  @Post(':id/replay')
  @HttpCode(202)
  @Needs('content', 'operate')
  async replay(@Param('id', IdPipe) id: string): Promise<DeadLetterView> {
    const isKnown = await this.replayDeadLetter.replay(id).catch((error: unknown) => {
      if (!(error instanceof PublishError)) throw error;
      throw new ServiceUnavailableException('NATS did not take the message. Try again in a moment.');
    });
    if (!isKnown) throw notFound(id);
    return this.get(id);
  }
}

function notFound(id: string): ContractError {
  return new ContractError('DEAD_LETTER_NOT_FOUND', `There is no dead letter ${id}.`, 'id');
}
