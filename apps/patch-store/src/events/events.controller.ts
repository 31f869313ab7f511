import type { ServerResponse } from 'node:http';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { EventsQuery, subjectIdentity, subjects } from '#contracts';
import { Database, findVisibleTasks, isConfined } from '#database';
import { STREAMS } from '#messaging';
import { Asking, type Caller } from '../http/caller.js';
import { Confined } from '../http/confined.js';
import { Needs } from '../http/needs.js';
import { AnswerWithStream } from './answer-with-stream.js';
import { VisibleTasks } from './visible-tasks.js';

@Controller('v1/events')
export class EventsController {
  constructor(
    private readonly database: Database,
    private readonly stream: AnswerWithStream,
  ) {}

  /**
   * Events as they are announced, as Server-Sent Events: `event` is the kind, `data` the event as JSON, `id`
   * its place. At least once, in order per task; deduplicate by `eventId`. With `Last-Event-ID`, which
   * browsers send automatically when they reconnect, it continues after that place, as far as events are kept
   * (7 days). The answer ends when this server stops or has lost its source for some time: reconnect then.
   */
  @Get()
  @Needs('read')
  @Confined('by-handler')
  async follow(
    @Query() { task, daemon, kind, since }: EventsQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: ServerResponse,
    @Asking() caller: Caller,
  ): Promise<void> {
    const visible = new VisibleTasks(async (taskId) =>
      (await findVisibleTasks(this.database.manager, caller, [taskId])).has(taskId),
    );
    await this.stream.answer(response, {
      stream: STREAMS.events,
      nameOf: (subject) => subject.split('.').at(-1)!,
      subject: subjects.event(daemon ?? '*', task?.toLowerCase() ?? '*', kind ?? '*'),
      ...(isConfined(caller) && {
        isForReader: (subject) => visible.has(subjectIdentity(subject).taskId!),
      }),
      lastEventId,
      since,
    });
  }
}
