import type { ServerResponse } from 'node:http';
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { subjectIdentity, subjects, TaskOutputQuery } from '#contracts';
import { Database, findAttemptHolders, findTask } from '#database';
import { STREAMS } from '#messaging';
import { taskNotFound } from '#tasks';
import { Confined } from '../http/confined.js';
import { IdPipe } from '../http/contract.pipe.js';
import { Needs } from '../http/needs.js';
import { AnswerWithStream } from './answer-with-stream.js';
import { Holders } from './holders.js';

@Controller('v1/tasks/:id/output')
export class TaskOutputController {
  constructor(
    private readonly database: Database,
    private readonly stream: AnswerWithStream,
  ) {}

  /**
   * The task's output, as Server-Sent Events: `event` is `task-output`, `data` a TaskOutput. Best effort,
   * kept for 24 hours; otherwise as `/v1/events`. Only of daemons that hold or held an attempt of the task.
   */
  @Get()
  @Needs('content')
  @Confined('task')
  async follow(
    @Param('id', IdPipe) taskId: string,
    @Query() { since }: TaskOutputQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<void> {
    if (!(await findTask(this.database.manager, taskId))) throw taskNotFound(taskId);
    const holders = new Holders(async () => {
      const attempts = await findAttemptHolders(this.database.manager, [taskId]);
      return new Set(attempts.map(({ daemonId }) => daemonId));
    });
    await this.stream.answer(response, {
      stream: STREAMS.output,
      nameOf: () => 'task-output',
      subject: subjects.output('*', taskId),
      isGenuine: (subject) => holders.has(subjectIdentity(subject).daemonId),
      lastEventId,
      since,
    });
  }
}
