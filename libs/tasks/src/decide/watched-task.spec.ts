import { describe, expect, it } from '@jest/globals';
import { requireOwnWatcher, watchedTaskColumns } from './watched-task.js';

describe('a task that watches a worktree', () => {
  it('is only for its own daemon, and is never resumed automatically', () => {
    expect(watchedTaskColumns({ runner: 'watch', daemonId: 'laptop' })).toEqual({
      pool: 'laptop',
      autoResume: false,
    });
    expect(watchedTaskColumns({ runner: 'shell', daemonId: 'laptop' })).toEqual({});
  });

  it('is refused without a daemon', () => {
    expect(() => watchedTaskColumns({ runner: 'watch' })).toThrow('daemonId');
  });

  it('can only be resumed on its own daemon', () => {
    const task = { name: 'site', runner: 'watch', pool: 'laptop' };
    requireOwnWatcher(task, { daemonId: 'laptop' });
    for (const elsewhere of [
      {},
      { daemonId: 'pod' },
      { pool: 'default' },
      { daemonId: 'laptop', pool: 'x' },
    ]) {
      expect(() => requireOwnWatcher(task, elsewhere)).toThrow('patchpoint restore');
    }
    requireOwnWatcher({ ...task, runner: 'shell' }, {});
  });
});
