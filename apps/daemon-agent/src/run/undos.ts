import { WATCH_RUNNER, type UndoWorktree } from '#contracts';
import type { TaskRecord } from '../state/task-record.js';
import type { Attempt } from './attempt.js';
import { undoWorktree, type UndoDependencies } from './undo-worktree.js';

/** The worktrees that are being put back to an older checkpoint. */
export class Undos {
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly deps: UndoDependencies) {}

  /**
   * Puts the worktree of an ended task back; see `undoWorktree`.
   *
   * @param record what this daemon remembers of the task
   * @param attemptOf makes its attempt
   * @throws Error for people, with the next step
   */
  async run(
    order: UndoWorktree,
    record: TaskRecord | undefined,
    attemptOf: (spawn: TaskRecord['spawn']) => Attempt,
  ): Promise<void> {
    const { taskId } = order;
    await this.idle(taskId);
    if (record?.worktreeDir === undefined) throw new Error(`Task ${taskId} has no worktree here.`);
    if (record.phase !== 'ended') throw new Error('The task runs. Stop it first.');
    if (record.spawn.attempt !== order.attempt) throw new Error('A newer attempt has begun.');
    if (record.spawn.runner === WATCH_RUNNER) throw new Error('The worktree is only watched.');
    const undoing = undoWorktree(attemptOf(record.spawn), order, this.deps);
    this.underWay.set(taskId, undoing);
    try {
      await undoing;
    } finally {
      this.underWay.delete(taskId);
    }
  }

  /** Resolves when the worktree of the task is not being put back. */
  async idle(taskId: string): Promise<void> {
    await this.underWay.get(taskId)?.catch(() => undefined);
  }
}
