import { UNDO_FAILED_MESSAGE, type CommandName } from '#contracts';
import type { Poison } from '#messaging';
import type { CaptureCheckpoint } from '../capture/capture-checkpoint.js';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { RejectedOrders } from '../state/rejected-orders.js';
import { attemptIn, type OrderedAttempt } from './invalid-spawns.js';
import type { TaskRuns } from './task-runs.js';

export interface InvalidOrderDependencies {
  runs: Pick<TaskRuns, 'runningAttempt' | 'stop'>;
  capturer: Pick<CaptureCheckpoint, 'answerFailure'>;
  output: Pick<TaskOutputPublisher, 'say'>;
  rejected: RejectedOrders;
}

/** An order about a task that this daemon has, which is not one to run it. */
export type InvalidOrderName = Exclude<CommandName, 'spawn-task'>;

const WHAT: Readonly<Record<InvalidOrderName, string>> = {
  'create-checkpoint': 'to make a checkpoint',
  'stop-task': 'to stop this task',
  'cleanup-worktree': 'to remove the worktree',
  'undo-worktree': 'to put the worktree back',
};

/**
 * Orders about a task of this daemon that cannot be read or carried out. As far as the order tells which
 * attempt it is about, whoever asked is answered as for any other failure, and the task's output says why.
 * Each is kept in `rejected/`, too.
 */
export class InvalidOrders {
  constructor(private readonly deps: InvalidOrderDependencies) {}

  /** @throws when the answer cannot be spooled: call again */
  async giveUp(name: InvalidOrderName, { message, error, form }: Poison): Promise<void> {
    const order = form === 'whole' ? attemptIn(message.data) : undefined;
    if (order !== undefined) {
      const reason = `${error.code}: The order ${WHAT[name]} cannot be carried out: ${error.message}`;
      this.deps.output.say(order, reason);
      await this.answer(name, order, reason, error.code !== 'HANDLING_FAILED');
    }
    await this.deps.rejected.keep(message, error);
  }

  private async answer(
    name: InvalidOrderName,
    order: OrderedAttempt,
    reason: string,
    isUnreadable: boolean,
  ): Promise<void> {
    const { capturer, runs } = this.deps;
    if (name === 'create-checkpoint') {
      await capturer.answerFailure(order, 'A checkpoint', reason);
    } else if (name === 'undo-worktree') {
      await capturer.answerFailure(order, UNDO_FAILED_MESSAGE, reason, 'undo');
    } else if (name === 'stop-task' && isUnreadable && this.runsAs(order)) {
      // Only its reason is missing: a task that somebody has stopped is not to go on because of that.
      await runs.stop(order.taskId, order.attempt, 'An order to stop, of which the reason cannot be read.');
    }
  }

  private runsAs({ taskId, attempt }: OrderedAttempt): boolean {
    return this.deps.runs.runningAttempt(taskId) === attempt;
  }
}
