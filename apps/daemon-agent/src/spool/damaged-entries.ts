import { Logger } from '@nestjs/common';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { TaskRegistry } from '../state/task-registry.js';
import type { DamagedEntry } from './spool.js';

/**
 * Tells operators, and whoever watches the task, of checkpoints that were damaged on disk. The task is known
 * when it was its newest one: then its worktree is captured again.
 */
export class DamagedEntries {
  private readonly logger = new Logger(DamagedEntries.name);
  private waiting: DamagedEntry[] = [];
  private isOnline = false;

  constructor(
    private readonly registry: TaskRegistry,
    private readonly output: TaskOutputPublisher,
    private readonly onLost: (taskId: string) => void,
  ) {}

  take(damaged: DamagedEntry): void {
    this.logger.error({ msg: 'a spooled checkpoint is damaged; it is kept in quarantine/', ...damaged });
    this.waiting.push(damaged);
    if (this.isOnline) this.notify();
  }

  /** NATS is there: what was found before can be told. May be called again. */
  online(): void {
    this.isOnline = true;
    this.notify();
  }

  private notify(): void {
    for (const { eventId, file, reason } of this.waiting.splice(0)) {
      const record = this.registry.all().find(({ lastCapture }) => lastCapture?.eventId === eventId);
      if (record === undefined) continue;
      this.output.say(
        record.spawn,
        `Warning: the newest checkpoint was damaged on disk before it was stored (${reason}); it is kept at ${file}, and the worktree is captured again`,
      );
      this.onLost(record.spawn.taskId);
    }
  }
}
