import { Logger } from '@nestjs/common';
import type { CaptureOutcome } from './capture-checkpoint.js';
import { millisecondsToNextCapture } from './capture-interval.js';

/**
 * Captures one task's worktree once per interval, at the task's own phase of it. A capture that takes longer
 * than the interval delays the next one; two never overlap.
 */
export class CaptureLoop {
  private readonly logger = new Logger(CaptureLoop.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private failing: string | undefined;

  /**
   * @param intervalSeconds 0 switches heartbeats off
   * @param beat may fail: the next heartbeat tries again; that it fails, and that it works again, is logged
   *   and said once. One that found nothing to capture proves nothing: on a full disk, every other one of an
   *   idle worktree does
   * @param say a line for the task's output
   */
  constructor(
    private readonly taskId: string,
    private readonly intervalSeconds: number,
    private readonly beat: () => Promise<CaptureOutcome>,
    private readonly say: (line: string) => void,
  ) {}

  start(): void {
    if (this.intervalSeconds === 0 || this.stopped) return;
    const wait = millisecondsToNextCapture(this.taskId, this.intervalSeconds * 1000, Date.now());
    this.timer = setTimeout(() => void this.run(), wait);
  }

  /** No heartbeat begins after this. May be called twice. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async run(): Promise<void> {
    try {
      if ((await this.beat()) === 'spooled') this.succeeded();
    } catch (error) {
      this.failed(error as Error);
    }
    this.start();
  }

  private succeeded(): void {
    if (this.failing === undefined) return;
    this.failing = undefined;
    this.logger.log({ msg: 'heartbeat captures work again', taskId: this.taskId });
    this.say('Heartbeat captures work again');
  }

  private failed(error: Error & { code?: string }): void {
    const kind = error.code ?? error.message;
    if (kind === this.failing) return;
    this.failing = kind;
    this.logger.error({ msg: 'heartbeat captures fail', taskId: this.taskId, err: error });
    this.say(`Warning: the worktree could not be captured: ${error.message}`);
  }
}
