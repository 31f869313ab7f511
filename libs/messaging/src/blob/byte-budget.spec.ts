import { describe, expect, it } from '@jest/globals';
import { ByteBudget } from './byte-budget.js';

describe('ByteBudget', () => {
  /** Starts work of these sizes; tells what runs, and how to end it. */
  function start(budget: ByteBudget, sizes: number[]) {
    const running: number[] = [];
    const ends: (() => void)[] = [];
    const all = sizes.map((bytes, index) =>
      budget.hold(bytes, async () => {
        running.push(index);
        await new Promise<void>((end) => (ends[index] = end));
      }),
    );
    return { running, end: (index: number) => ends[index]!(), all };
  }

  it('runs what fits, and the next in the order of asking, small or large', async () => {
    const { running, end, all } = start(new ByteBudget(10), [4, 5, 8, 1]);
    await Promise.resolve();
    expect(running).toEqual([0, 1]);
    end(0);
    await all[0];
    expect(running).toEqual([0, 1]); // 8 do not fit, and 1 came later
    end(1);
    await all[1];
    await Promise.resolve();
    expect(running).toEqual([0, 1, 2, 3]);
    end(2);
    end(3);
    await Promise.all(all);
  });

  it('runs alone what is larger than all of it, and gives back what failed', async () => {
    const budget = new ByteBudget(10);
    await expect(budget.hold(99, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await budget.hold(10, async () => undefined);
  });
});
