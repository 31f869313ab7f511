import { Logger } from '@nestjs/common';
import type { CaptureOutcome } from './capture-checkpoint.js';
import { millisecondsToNextCapture } from './capture-interval.js';

/**
 * Captures one task's worktree once per interval, in the task's own phase. A capture that takes longer than
 * the interval delays the next one; two never overlap.
 */
export class CaptureLoop {
  private readonly logger = new Logger(CaptureLoop.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private failing: string | undefined;

  /**
   * @param intervalSeconds 0 switches captures off
   * @param captureOnce may fail: the next capture tries again. The first failure and the first success after
   *   it are logged and said, once each. A capture that found nothing changed is not a success: on a full
   *   disk, every other capture of an idle worktree finds that
   * @param say a line for the task's output
   */
  constructor(
    private readonly taskId: string,
    private readonly intervalSeconds: number,
    private readonly captureOnce: () => Promise<CaptureOutcome>,
    private readonly say: (line: string) => void,
  ) {}

  start(): void {
    if (this.intervalSeconds === 0 || this.stopped) return;
    const wait = millisecondsToNextCapture(this.taskId, this.intervalSeconds * 1000, Date.now());
    this.timer = setTimeout(() => void this.run(), wait);
  }

  /** No capture begins after this. May be called twice. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async run(): Promise<void> {
    try {
      if ((await this.captureOnce()) === 'spooled') this.succeeded();
    } catch (error) {
      this.failed(error as Error);
    }
    this.start();
  }

  private succeeded(): void {
    if (this.failing === undefined) return;
    this.failing = undefined;
    this.logger.log({ msg: 'captures work again', taskId: this.taskId });
    this.say('Captures work again');
  }

  private failed(error: Error & { code?: string }): void {
    const kind = error.code ?? error.message;
    if (kind === this.failing) return;
    this.failing = kind;
    this.logger.error({ msg: 'captures fail', taskId: this.taskId, err: error });
    this.say(`Warning: the worktree could not be captured: ${error.message}`);
  }
}
