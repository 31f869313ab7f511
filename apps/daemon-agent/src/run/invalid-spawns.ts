import { ContractError } from '#contracts';
import { isUUID } from 'class-validator';
import type { Poison } from '#messaging';
import type { ReportQueue } from '../report/report-queue.js';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { RejectedOrders } from '../state/rejected-orders.js';
import type { TaskRegistry } from '../state/task-registry.js';
import type { Claim } from './claim-again.js';
import { composeReport } from './compose-report.js';
import type { TaskRuns } from './task-runs.js';

/** The attempt that an order is about. */
export interface OrderedAttempt {
  taskId: string;
  attempt: number;
}

export interface InvalidSpawnDependencies {
  daemonId: string;
  registry: Pick<TaskRegistry, 'get' | 'end'>;
  reports: Pick<ReportQueue, 'put'>;
  output: Pick<TaskOutputPublisher, 'say'>;
  rejected: RejectedOrders;
}

/** Orders to run a task that cannot be read or carried out: the spawn ends with a reason. */
export class InvalidSpawns {
  constructor(
    private readonly runs: Pick<TaskRuns, 'runningAttempt'>,
    private readonly claim: Claim,
    private readonly deps: InvalidSpawnDependencies,
  ) {}

  /**
   * Claims the attempt and reports that it failed, as far as the order tells which attempt it is. An order
   * that does not, or that is for another daemon, is kept in `rejected/`.
   *
   * @throws RpcUnavailableError when patch-store does not answer the claim
   */
  async giveUp({ message, error, form }: Poison): Promise<void> {
    const order = form === 'whole' ? attemptIn(message.data) : undefined;
    if (order === undefined || !(await this.isOurs(order))) return this.deps.rejected.keep(message, error);
    const reason = `${error.code}: The order to run this task cannot be carried out: ${error.message}`;
    this.deps.output.say(order, `Failed: ${reason}`);
    await this.deps.reports.put(composeReport(this.deps.daemonId, order, 'failed', { reason }));
    if (this.deps.registry.get(order.taskId)?.spawn.attempt === order.attempt) {
      await this.deps.registry.end(order.taskId);
    }
  }

  private async isOurs({ taskId, attempt }: OrderedAttempt): Promise<boolean> {
    // The same order came before, whole: what runs here is not to end because of a damaged copy.
    const running = this.runs.runningAttempt(taskId);
    if (running !== undefined && running >= attempt) return false;
    try {
      await this.claim(taskId, attempt);
      return true;
    } catch (refusal) {
      if (refusal instanceof ContractError) return false;
      throw refusal;
    }
  }
}

/** Pure: the attempt that an order names, whatever else is wrong with it. */
export function attemptIn(data: Uint8Array): OrderedAttempt | undefined {
  try {
    const { taskId, attempt } = JSON.parse(Buffer.from(data).toString('utf8')) as Partial<OrderedAttempt>;
    if (!isUUID(taskId) || !Number.isInteger(attempt)) return undefined;
    return attempt! >= 1 && attempt! <= 2_147_483_647 ? { taskId: taskId!, attempt: attempt! } : undefined;
  } catch {
    return undefined;
  }
}
