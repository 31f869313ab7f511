import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { DaemonHeartbeat } from '#contracts';
import { Database, findStrays, type Stray } from '#database';
import { OutboxTransaction } from '#outbox';
import { stopTask, TaskSteps } from '#tasks';

/** Corrects what a daemon runs by its heartbeat: it may have missed decisions while it was cut off. */
@Injectable()
export class AnswerHeartbeat {
  constructor(
    private readonly database: Database,
    private readonly steps: TaskSteps,
    private readonly outbox: OutboxTransaction,
  ) {}

  /**
   * An attempt that was marked as lost, and that no daemon has taken over, continues. For any other attempt
   * that was superseded or has ended, the order to end the process is sent again. May run any number of
   * times.
   */
  async answer({ daemonId, tasks }: Pick<DaemonHeartbeat, 'daemonId' | 'tasks'>): Promise<void> {
    if (tasks.length === 0) return;
    for (const stray of await findStrays(this.database.manager, daemonId, tasks)) {
      if (stray.isLostHere) await this.takeBack(daemonId, stray);
      else await this.stopAgain(daemonId, stray);
    }
  }

  private async takeBack(daemonId: string, { taskId, attempt }: Stray): Promise<void> {
    await this.steps.take(taskId, () => ({ input: { type: 'daemon-back', daemonId, attempt } }));
  }

  private async stopAgain(daemonId: string, stray: Stray): Promise<void> {
    const { taskId, attempt, currentAttempt, state } = stray;
    const reason =
      attempt < currentAttempt ? `Attempt ${currentAttempt} has taken over.` : `The task is ${state}.`;
    const { subject, message } = stopTask(uuidv7(), { taskId, daemonId, attempt, reason });
    // One message id for all of them: the stream accepts it once within two minutes, however often the daemon
    // sends heartbeats.
    const messageId = `stop-again:${daemonId}:${taskId}:${attempt}`;
    await this.outbox.run((_manager, announce) =>
      announce([{ taskId: null, subject, messageId, payload: message }]),
    );
  }
}
