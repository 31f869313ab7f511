import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { DaemonHeartbeat } from '#contracts';
import { noteFailingCaptures } from '#database';
import { OutboxTransaction } from '#outbox';
import { captureHealthChanged, outboxMessage } from '#tasks';

/** Notes which worktrees a daemon cannot capture, and announces each that began to fail or works again. */
@Injectable()
export class NoteCaptureHealth {
  constructor(private readonly outbox: OutboxTransaction) {}

  /** May run again and again. A daemon that does not report failing captures changes nothing. */
  async note({ daemonId, failingCaptures }: DaemonHeartbeat): Promise<void> {
    if (failingCaptures === undefined) return;
    await this.outbox.run(async (manager, announce) => {
      const changes = await noteFailingCaptures(manager, daemonId, failingCaptures);
      await announce(
        changes.map(({ taskId, attempt, ...change }) => {
          const kind = change.reason === null ? 'captures-recovered' : 'captures-failing';
          const task = { id: taskId, daemonId, attempt };
          return outboxMessage(taskId, captureHealthChanged(uuidv7(), task, kind, change));
        }),
      );
    });
  }
}
