import { describe, expect, it } from '@jest/globals';
import { ByteBudget } from './byte-budget.js';

describe('ByteBudget', () => {
  /** Starts work of these sizes; tells what runs, and how to end it. */
  function start(budget: ByteBudget, sizes: number[]) {
    const running: number[] = [];
    const ends: (() => void)[] = [];
    const all = sizes.map((bytes, index) =>
      budget.hold(`holder ${index}`, bytes, async () => {
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

  it('serves others while a holder has its share, and that one when it gives back', async () => {
    const budget = new ByteBudget(10, 5);
    const running: string[] = [];
    const ends = new Map<string, () => void>();
    const start = (holder: string, name: string) =>
      budget.hold(holder, 3, async () => {
        running.push(name);
        await new Promise<void>((end) => ends.set(name, end));
      });
    const all = [start('bad', 'a'), start('bad', 'b'), start('bad', 'c'), start('good', 'd')];
    await Promise.resolve();
    expect(running).toEqual(['a', 'd']);
    ends.get('a')!();
    await all[0];
    await Promise.resolve();
    expect(running).toEqual(['a', 'd', 'b']);
    ends.get('b')!();
    await all[1];
    await Promise.resolve();
    expect(running).toEqual(['a', 'd', 'b', 'c']);
    for (const name of ['c', 'd']) ends.get(name)!();
    await Promise.all(all);
  });

  it('runs alone what is larger than all of it, and gives back what failed', async () => {
    const budget = new ByteBudget(10);
    await expect(budget.hold('a', 99, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await budget.hold('a', 10, async () => undefined);
  });
});
