import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { backoffMilliseconds } from '#runtime';
import { sweepFailures, sweepLastSuccess, sweptThings } from './metrics.js';
import type { Sweep } from './sweep.js';

/**
 * After a failure the next run starts sooner than the interval, so that an hourly sweep does not skip an
 * hour.
 */
const AFTER_FAILURE = { baseMilliseconds: 1_000, maxMilliseconds: 60_000 };

/**
 * Runs each sweep at start and then at its interval, give or take 10%, so that replicas drift apart. A sweep
 * never overlaps itself; sweeps do not wait for each other. A failure is logged, and the sweep runs again.
 *
 * After a stop no new run begins; the stop waits until the runs in progress have finished their step.
 */
export class SweepLoop implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger('Janitor');
  private readonly stopping = new AbortController();
  private loops: Promise<void>[] = [];

  /** @param ready what to wait for before the first runs */
  constructor(
    private readonly sweeps: readonly Sweep[],
    private readonly ready: () => Promise<void>,
  ) {}

  onApplicationBootstrap(): void {
    this.loops = this.sweeps.map((sweep) => this.repeat(sweep));
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops);
  }

  private async repeat(sweep: Sweep): Promise<void> {
    const { signal } = this.stopping;
    await Promise.race([this.ready(), once(signal, 'abort')]);
    let failures = 0;
    while (!signal.aborted) {
      failures = (await this.runOnce(sweep)) ? 0 : failures + 1;
      const waitMilliseconds = pauseMilliseconds(sweep.everySeconds, failures);
      await sleep(waitMilliseconds, undefined, { signal }).catch(() => {});
    }
  }

  private async runOnce(sweep: Sweep): Promise<boolean> {
    const labels = { sweep: sweep.name };
    const startedAt = Date.now();
    try {
      const { swept } = await sweep.run(this.stopping.signal);
      sweptThings.inc(labels, swept);
      sweepLastSuccess.set(labels, Date.now() / 1000);
      const line = { msg: 'swept', ...labels, swept, milliseconds: Date.now() - startedAt };
      if (swept > 0) this.logger.log(line);
      else this.logger.debug(line);
      return true;
    } catch (err) {
      sweepFailures.inc(labels);
      this.logger.error({ msg: 'sweep failed; it will run again soon', ...labels, err });
      return false;
    }
  }
}

/**
 * How long to wait for the next run.
 *
 * @param failures runs that failed since the last success
 * @param random a number in [0, 1), for tests
 */
export function pauseMilliseconds(
  everySeconds: number,
  failures: number,
  random: () => number = Math.random,
): number {
  const interval = everySeconds * 1000 * (0.9 + 0.2 * random());
  if (failures === 0) return Math.round(interval);
  return Math.round(Math.min(interval, backoffMilliseconds(failures, AFTER_FAILURE, random)));
}
