import { describe, expect, it } from '@jest/globals';
import { GroupCommit } from './group-commit.js';

/** Commits numbers, remembers the batches, and ends each commit only when told to. */
function controlled(
  options: {
    maxItems?: number;
    maxBytes?: number;
    failOn?: (batch: readonly number[]) => Error | undefined;
  } = {},
) {
  const batches: number[][] = [];
  let go: () => void = () => {};
  let gate = new Promise<void>((resolve) => (go = resolve));
  const writer = new GroupCommit<number, string>({
    maxItems: options.maxItems ?? 128,
    maxBytes: options.maxBytes ?? Infinity,
    sizeBytes: (item) => item,
    isWorthSplitting: (error) => (error as Error).message === 'bad data',
    commit: async (batch) => {
      batches.push([...batch]);
      await gate;
      const failure = options.failOn?.(batch);
      if (failure) throw failure;
      return batch.map((item) => `done ${item}`);
    },
  });
  return {
    writer,
    batches,
    open: () => go(),
    close: () => (gate = new Promise((resolve) => (go = resolve))),
  };
}

describe('GroupCommit', () => {
  it('commits a lone item at once, and gathers what comes meanwhile, in order', async () => {
    const { writer, batches, open } = controlled();
    const first = writer.add(1);
    await new Promise(setImmediate);
    expect(batches).toEqual([[1]]);
    const others = [2, 3, 4].map((item) => writer.add(item));
    open();
    expect(await Promise.all([first, ...others])).toEqual(['done 1', 'done 2', 'done 3', 'done 4']);
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  it('keeps batches within their limits; what is too large alone goes alone', async () => {
    const { writer, batches, open } = controlled({ maxItems: 3, maxBytes: 10 });
    open();
    await Promise.all([1, 1, 1, 1, 4, 5, 2, 99, 3].map((item) => writer.add(item)));
    expect(batches).toEqual([[1, 1, 1], [1, 4, 5], [2], [99], [3]]);
  });

  it('finds the guilty one of a batch that failed, and commits the others', async () => {
    const { writer, batches, open } = controlled({
      failOn: (batch) => (batch.includes(2) ? new Error('bad data') : undefined),
    });
    open();
    const results = await Promise.allSettled([1, 2, 3].map((item) => writer.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batches).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  it('fails the whole batch when no item is to blame, and goes on', async () => {
    let isAway = true;
    const { writer, batches, open } = controlled({ failOn: () => (isAway ? new Error('away') : undefined) });
    open();
    const results = await Promise.allSettled([1, 2].map((item) => writer.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isAway = false;
    expect(await writer.add(3)).toBe('done 3');
    expect(batches).toEqual([[1, 2], [3]]);
  });
});
