import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { DaemonHeartbeat } from '#contracts';
import { Database, findStrays, insertOutbox, type Stray } from '#database';
import { OutboxRelay } from '#outbox';
import { stopTask, TaskSteps } from '#tasks';

/** Sets right what a daemon says it runs: it may have missed what was decided while it was cut off. */
@Injectable()
export class AnswerHeartbeat {
  constructor(
    private readonly database: Database,
    private readonly steps: TaskSteps,
    private readonly relay: OutboxRelay,
  ) {}

  /**
   * An attempt of it that was given up as lost, and that nobody has taken over, goes on. Of any other attempt
   * that was superseded or has ended, it is told once more to end the process. May run again and again.
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
    // One message id for all of them: the stream takes it once within two minutes, however often the daemon
    // is heard.
    const messageId = `stop-again:${daemonId}:${taskId}:${attempt}`;
    await insertOutbox(this.database.manager, [{ taskId: null, subject, messageId, payload: message }]);
    this.relay.wake();
  }
}
