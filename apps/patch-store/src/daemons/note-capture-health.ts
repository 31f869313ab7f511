import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { DaemonHeartbeat } from '#contracts';
import { Database, insertOutbox, noteFailingCaptures } from '#database';
import { OutboxRelay } from '#outbox';
import { captureHealthChanged, outboxMessage } from '#tasks';

/** Notes which worktrees a daemon cannot capture, and announces each that began to fail or works again. */
@Injectable()
export class NoteCaptureHealth {
  constructor(
    private readonly database: Database,
    private readonly relay: OutboxRelay,
  ) {}

  /** May run again and again. A daemon that does not report failing captures changes nothing. */
  async note({ daemonId, failingCaptures }: DaemonHeartbeat): Promise<void> {
    if (failingCaptures === undefined) return;
    const messages = await this.database.transaction(async (manager) => {
      const changes = await noteFailingCaptures(manager, daemonId, failingCaptures);
      const announced = changes.map(({ taskId, attempt, ...change }) => {
        const kind = change.reason === null ? 'captures-recovered' : 'captures-failing';
        const task = { id: taskId, daemonId, attempt };
        return outboxMessage(taskId, captureHealthChanged(uuidv7(), task, kind, change));
      });
      await insertOutbox(manager, announced);
      return announced;
    });
    if (messages.length > 0) this.relay.wake();
  }
}
