import type { SecretHolds } from '../secrets/secret-holds.js';
import type { TaskRegistry } from '../state/task-registry.js';
import type { SpooledCheckpoint } from './spooled-checkpoint.js';

/**
 * Whose checkpoints may be sent. A daemon that runs tasks sends all of them. One that watches a worktree may
 * meet another server than the one it left, which would reject for ever what it does not know: it sends those
 * of the tasks that the connected server is known to have. What waits for a person, none sends.
 */
export class DeliveryGate {
  private readonly known = new Set<string>();

  constructor(
    private readonly isWatcher: boolean,
    private readonly registry: Pick<TaskRegistry, 'get'>,
    private readonly holds: Pick<SecretHolds, 'isHeld'>,
  ) {}

  /** The connected server has this task. */
  open(taskId: string): void {
    this.known.add(taskId);
  }

  /** The connection is lost: whatever server comes next is not known. */
  close(): void {
    this.known.clear();
  }

  maySend({ taskId, eventId }: Pick<SpooledCheckpoint, 'taskId' | 'eventId'>): boolean {
    return !this.holds.isHeld(eventId) && this.isOpen(taskId);
  }

  private isOpen(taskId: string): boolean {
    if (!this.isWatcher) return true;
    return this.known.has(taskId) && this.registry.get(taskId)?.isUnclaimed !== true;
  }
}
