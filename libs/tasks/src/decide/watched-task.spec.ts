import { describe, expect, it } from '@jest/globals';
import { requireOwnWatcher, watchedTaskColumns } from './watched-task.js';

describe('a task that watches a worktree', () => {
  it('is for its own daemon alone, and is never resumed without being asked for', () => {
    expect(watchedTaskColumns({ runner: 'watch', daemonId: 'laptop' })).toEqual({
      pool: 'laptop',
      autoResume: false,
    });
    expect(watchedTaskColumns({ runner: 'shell', daemonId: 'laptop' })).toEqual({});
  });

  it('needs the daemon', () => {
    expect(() => watchedTaskColumns({ runner: 'watch' })).toThrow('daemonId');
  });

  it('goes on there, and nowhere else', () => {
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
