import type { ServerResponse } from 'node:http';
import {
  Controller,
  Get,
  Headers,
  Logger,
  Query,
  Res,
  ServiceUnavailableException,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ContractError, subjects } from '#contracts';
import { StreamFollower, STREAMS, type FollowFrom } from '#messaging';
import { ServerSentEvents } from '../http/server-sent-events.js';
import { EventsQuery } from './events.query.js';

@Controller('v1/events')
export class EventsController implements OnModuleDestroy {
  private readonly logger = new Logger(EventsController.name);
  private readonly stopping = new AbortController();

  constructor(private readonly follower: StreamFollower) {}

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /**
   * Events as they are announced, as Server-Sent Events: `event` is the kind, `data` the event as JSON, `id` its place. At
   * least once, in order per task; deduplicate by `eventId`. With `Last-Event-ID`, which browsers send by themselves when they
   * come back, it goes on behind that place, as far as events are kept (7 days). The answer ends when this server stops or has
   * lost its source for a while: come back.
   */
  @Get()
  async follow(
    @Query() query: EventsQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const from = beginning(query, lastEventId);
    const ended = new AbortController();
    const signal = AbortSignal.any([this.stopping.signal, ended.signal]);
    response.once('close', () => ended.abort());
    const { after, entries } = await this.open(query, from, signal);
    const stream = new ServerSentEvents(response, after?.toString());
    try {
      for await (const { sequence, subject, data } of entries) {
        const text = Buffer.from(data).toString('utf8').replaceAll('\n', ' ');
        await stream.send({ id: String(sequence), event: subject.split('.').at(-1)!, data: text });
      }
    } catch (error) {
      this.logger.warn({ msg: 'an event stream broke off', err: error });
    } finally {
      stream.end();
    }
  }

  private async open({ task, daemon, kind }: EventsQuery, from: FollowFrom, signal: AbortSignal) {
    const subject = subjects.event(daemon ?? '*', task?.toLowerCase() ?? '*', kind ?? '*');
    try {
      return await this.follower.follow(STREAMS.events, subject, from, signal);
    } catch (error) {
      this.logger.warn({ msg: 'no event stream without NATS', reason: (error as Error).message });
      throw new ServiceUnavailableException('NATS is away. The same request may succeed in a moment.');
    }
  }
}

function beginning({ since }: EventsQuery, lastEventId: string | undefined): FollowFrom {
  if (lastEventId === undefined || lastEventId === '') return since ? { since: new Date(since) } : 'now';
  if (/^\d{1,15}$/.test(lastEventId)) return { after: Number(lastEventId) };
  throw new ContractError(
    'FIELD_INVALID',
    `Last-Event-ID "${lastEventId}" is not the id of an event of this stream.`,
    'Last-Event-ID',
  );
}
