import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventually } from '#testing';
import { pauseMilliseconds, SweepLoop } from './sweep-loop.js';
import { sweepFailures, sweepLastSuccess, sweptThings } from './metrics.js';
import type { Sweep, SweepResult } from './sweep.js';

Logger.overrideLogger(false);
const loops: SweepLoop[] = [];

let ready: () => Promise<void> = async () => {};

function start(...sweeps: Sweep[]): SweepLoop {
  const loop = new SweepLoop(sweeps, ready);
  loops.push(loop);
  loop.onApplicationBootstrap();
  return loop;
}

async function stop(loop: SweepLoop): Promise<void> {
  loop.onModuleDestroy();
  await loop.beforeApplicationShutdown();
}

function sweepOf(name: string, everySeconds: number, run: Sweep['run']): Sweep {
  return { name, everySeconds, run };
}

afterEach(async () => {
  await Promise.all(loops.splice(0).map(stop));
});

describe('SweepLoop', () => {
  it('runs each sweep at once and then at its interval', async () => {
    let often = 0;
    let seldom = 0;
    start(
      sweepOf('often', 0.01, async () => ({ swept: ++often && 2 })),
      sweepOf('seldom', 3600, async () => ({ swept: ++seldom && 0 })),
    );
    await eventually(() => expect(often).toBeGreaterThan(3));
    expect(seldom).toBe(1);
    const swept = (await sweptThings.get()).values;
    expect(swept.find(({ labels }) => labels.sweep === 'often')?.value).toBeGreaterThan(6);
    expect((await sweepLastSuccess.get()).values).toHaveLength(2);
  });

  it('never runs a sweep concurrently with itself', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    start(
      sweepOf('slow', 0.001, async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 10));
        running--;
        return { swept: ++runs };
      }),
    );
    await eventually(() => expect(runs).toBeGreaterThan(3));
    expect(most).toBe(1);
  });

  it('runs a sweep that failed again', async () => {
    let runs = 0;
    start(
      sweepOf('flaky', 0.01, async () => {
        if (++runs < 3) throw new Error('Postgres is away');
        return { swept: 1 };
      }),
    );
    await eventually(() => expect(runs).toBeGreaterThan(2));
    const failures = (await sweepFailures.get()).values;
    expect(failures.find(({ labels }) => labels.sweep === 'flaky')?.value).toBe(2);
  });

  it('waits until it is ready, and can be stopped while it waits', async () => {
    let runs = 0;
    ready = () => new Promise(() => {});
    const loop = start(sweepOf('waiting', 0.001, async () => ({ swept: ++runs })));
    await stop(loop);
    ready = async () => {};
    expect(runs).toBe(0);
  });

  it('stops when the run in progress has ended, and starts no other', async () => {
    let runs = 0;
    let finish: (result: SweepResult) => void = () => {};
    const loop = start(
      sweepOf('endless', 0.001, (signal) => {
        runs++;
        return new Promise((resolve) => {
          finish = resolve;
          signal.addEventListener('abort', () => setTimeout(finish, 20, { swept: 0 }));
        });
      }),
    );
    await eventually(() => expect(runs).toBe(1));
    let stopped = false;
    const stopping = stop(loop).then(() => (stopped = true));
    expect(stopped).toBe(false);
    await stopping;
    await stop(loop);
    expect(runs).toBe(1);
  });
});

describe('pauseMilliseconds', () => {
  it('spreads the interval by a tenth to either side', () => {
    expect(pauseMilliseconds(3600, 0, () => 0)).toBe(3_240_000);
    expect(pauseMilliseconds(3600, 0, () => 0.5)).toBe(3_600_000);
    expect(pauseMilliseconds(3600, 0, () => 0.999_999)).toBeLessThanOrEqual(3_960_000);
  });

  it('retries soon after a failure, at most after a minute, and never later than the interval', () => {
    expect(pauseMilliseconds(3600, 1, () => 0)).toBe(500);
    expect(pauseMilliseconds(3600, 50, () => 0.999_999)).toBe(60_000);
    expect(pauseMilliseconds(1, 50, () => 0)).toBe(900);
  });
});
