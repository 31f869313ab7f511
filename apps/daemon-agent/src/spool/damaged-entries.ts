import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { TaskRegistry } from '../state/task-registry.js';
import type { DamagedEntry } from './spool.js';

/**
 * Reports in a task's output that a checkpoint was damaged on disk. The task is only known if it was the
 * newest checkpoint of one: then its worktree is captured again.
 */
export class DamagedEntries {
  private waiting: DamagedEntry[] = [];
  private isOnline = false;

  constructor(
    private readonly registry: TaskRegistry,
    private readonly output: TaskOutputPublisher,
    private readonly onLost: (taskId: string) => void,
  ) {}

  take(damaged: DamagedEntry): void {
    this.waiting.push(damaged);
    if (this.isOnline) this.notify();
  }

  /** NATS is reachable: what was found before can be reported. May be called again. */
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
        `Warning: the newest checkpoint was damaged on disk before it was stored (${reason}); it is kept at ${file}, and the worktree will be captured again`,
      );
      this.onLost(record.spawn.taskId);
    }
  }
}
