import { Logger } from '@nestjs/common';
import { millisecondsToNextHeartbeat } from './heartbeat-schedule.js';

/**
 * Captures one task's worktree once per interval, at the task's own phase of it. A capture that takes longer than the
 * interval delays the next one; two never overlap.
 */
export class Heartbeats {
  private readonly logger = new Logger(Heartbeats.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  /**
   * @param intervalSeconds 0 switches heartbeats off
   * @param beat may fail: the failure is logged, and the next heartbeat tries again
   */
  constructor(
    private readonly taskId: string,
    private readonly intervalSeconds: number,
    private readonly beat: () => Promise<unknown>,
  ) {}

  start(): void {
    if (this.intervalSeconds === 0 || this.stopped) return;
    const wait = millisecondsToNextHeartbeat(this.taskId, this.intervalSeconds * 1000, Date.now());
    this.timer = setTimeout(() => void this.run(), wait);
  }

  /** No heartbeat begins after this. May be called twice. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async run(): Promise<void> {
    try {
      await this.beat();
    } catch (error) {
      this.logger.error({ msg: 'a heartbeat capture failed', taskId: this.taskId, err: error });
    }
    this.start();
  }
}
