import type { ServerResponse } from 'node:http';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { EventsQuery, subjects } from '#contracts';
import { STREAMS } from '#messaging';
import { Needs } from '../http/needs.js';
import { AnswerWithStream } from './answer-with-stream.js';

@Controller('v1/events')
export class EventsController {
  constructor(private readonly stream: AnswerWithStream) {}

  /**
   * Events as they are announced, as Server-Sent Events: `event` is the kind, `data` the event as JSON, `id`
   * its place. At least once, in order per task; deduplicate by `eventId`. With `Last-Event-ID`, which
   * browsers send automatically when they reconnect, it continues after that place, as far as events are kept
   * (7 days). The answer ends when this server stops or has lost its source for some time: reconnect then.
   */
  @Get()
  @Needs('read')
  async follow(
    @Query() { task, daemon, kind, since }: EventsQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<void> {
    await this.stream.answer(response, {
      stream: STREAMS.events,
      nameOf: (subject) => subject.split('.').at(-1)!,
      subject: subjects.event(daemon ?? '*', task?.toLowerCase() ?? '*', kind ?? '*'),
      lastEventId,
      since,
    });
  }
}
