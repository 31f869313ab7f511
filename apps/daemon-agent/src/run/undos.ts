import pLimit, { type LimitFunction } from 'p-limit';
import { WATCH_RUNNER, type UndoWorktree } from '#contracts';
import type { TaskRecord } from '../state/task-record.js';
import type { Attempt } from './attempt.js';
import { undoWorktree, type UndoDependencies } from './undo-worktree.js';

/** The worktrees that are being put back to an older checkpoint: of one task, one after the other. */
export class Undos {
  private readonly queues = new Map<string, LimitFunction>();

  constructor(private readonly deps: UndoDependencies) {}

  /**
   * Puts the worktree of an ended task back; see `undoWorktree`.
   *
   * @param recordOf what this daemon remembers of the task, when its turn has come
   * @param attemptOf makes its attempt
   * @throws Error for people, with the next step
   */
  async run(
    order: UndoWorktree,
    recordOf: () => TaskRecord | undefined,
    attemptOf: (spawn: TaskRecord['spawn']) => Attempt,
  ): Promise<void> {
    const { taskId } = order;
    await this.between(taskId, async () => {
      const record = recordOf();
      if (record?.worktreeDir === undefined) throw new Error(`Task ${taskId} has no worktree here.`);
      if (record.phase !== 'ended') throw new Error('The task runs. Stop it first.');
      if (record.spawn.attempt !== order.attempt) throw new Error('A newer attempt has begun.');
      if (record.spawn.runner === WATCH_RUNNER) throw new Error('The worktree is only watched.');
      await undoWorktree(attemptOf(record.spawn), order, this.deps);
    });
  }

  /** Does the work when the worktree of the task is not being put back, and before it is again. */
  async between<T>(taskId: string, work: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(taskId) ?? pLimit(1);
    this.queues.set(taskId, queue);
    try {
      return await queue(work);
    } finally {
      if (queue.activeCount + queue.pendingCount === 0) this.queues.delete(taskId);
    }
  }
}
