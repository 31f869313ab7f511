import { Logger } from '@nestjs/common';
import type { WatchOrder } from '#contracts';
import type { Notify } from '../report/notify-parent.js';
import type { ReportQueue } from '../report/report-queue.js';
import type { CheckpointPublisher } from '../spool/checkpoint.publisher.js';
import type { DeliveryGate } from '../spool/delivery-gate.js';
import type { Spool } from '../spool/spool.js';
import type { TaskRuns } from './task-runs.js';

export interface WatchOrdersDependencies {
  runs: Pick<TaskRuns, 'watchOffline' | 'handOver' | 'releaseAll'>;
  gate: DeliveryGate;
  spool: Pick<Spool, 'pending'>;
  publisher: Pick<CheckpointPublisher, 'wake'>;
  reports: Pick<ReportQueue, 'start' | 'hold' | 'forget'>;
  notify: Notify;
}

type OrderOf<Type extends WatchOrder['type']> = Extract<WatchOrder, { type: Type }>;

/**
 * What a daemon that watches a worktree does when its server comes and goes. Only the process that started it
 * can find a server and knows whether it is the one of before; until that is said, nothing leaves this disk.
 */
export class WatchOrders {
  private readonly logger = new Logger(WatchOrders.name);

  constructor(private readonly deps: WatchOrdersDependencies) {}

  /** NATS is there, or is lost. */
  connectionChanged(isConnected: boolean): void {
    if (!isConnected) {
      this.deps.gate.close();
      this.deps.reports.hold();
    }
    const waitingTaskIds = [...new Set(this.deps.spool.pending().map(({ taskId }) => taskId))];
    this.deps.notify({ type: 'connection', isConnected, waitingTaskIds });
  }

  /** Never rejects: what cannot be done ends the watch, with the reason. */
  async obey(order: WatchOrder): Promise<void> {
    try {
      await this.execute(order);
    } catch (error) {
      const reason = (error as Error).message;
      this.logger.error({ msg: 'an order about the watch was not executed', order: order.type, err: error });
      this.deps.notify({ type: 'watch-ended', outcome: 'failed', reason });
    }
  }

  private async execute(order: WatchOrder): Promise<void> {
    switch (order.type) {
      case 'end-watch':
        return this.deps.runs.releaseAll('The watch was ended.', Date.now());
      case 'watch-offline':
        return this.deps.runs.watchOffline(order);
      case 'hand-over':
        return this.handOver(order);
      case 'deliver':
        return this.deliver(order);
    }
  }

  private async handOver({ taskId, isUnknown }: OrderOf<'hand-over'>): Promise<void> {
    await this.deps.runs.handOver(taskId, isUnknown);
    if (isUnknown) await this.deps.reports.forget(taskId);
    this.deps.notify({ type: 'handed-over' });
  }

  private deliver({ taskIds }: OrderOf<'deliver'>): void {
    for (const taskId of taskIds) this.deps.gate.open(taskId);
    this.deps.reports.start();
    this.deps.publisher.wake();
  }
}
