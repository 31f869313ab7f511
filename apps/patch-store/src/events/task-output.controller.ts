import type { ServerResponse } from 'node:http';
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { TaskOutputQuery, subjects } from '#contracts';
import { Database, findTask } from '#database';
import { STREAMS } from '#messaging';
import { taskNotFound } from '#tasks';
import { IdPipe } from '../http/contract.pipe.js';
import { AnswerWithStream } from './answer-with-stream.js';

@Controller('v1/tasks/:id/output')
export class TaskOutputController {
  constructor(
    private readonly database: Database,
    private readonly stream: AnswerWithStream,
  ) {}

  /**
   * The task's output, as Server-Sent Events: `event` is `task-output`, `data` a TaskOutput. Best effort,
   * kept for 24 hours; otherwise as `/v1/events`.
   */
  @Get()
  async follow(
    @Param('id', IdPipe) taskId: string,
    @Query() { since }: TaskOutputQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<void> {
    if (!(await findTask(this.database.manager, taskId))) throw taskNotFound(taskId);
    await this.stream.answer(response, {
      stream: STREAMS.output,
      nameOf: () => 'task-output',
      subject: subjects.output('*', taskId),
      lastEventId,
      since,
    });
  }
}
