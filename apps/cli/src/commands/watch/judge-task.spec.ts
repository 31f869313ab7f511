import { describe, expect, it } from '@jest/globals';
import type { TaskView } from '#contracts';
import { judgeTask, type OwnAttempt } from './judge-task.js';

const known = (attempt: number, state: TaskView['state'] = 'running'): TaskView =>
  ({ attempt, state }) as TaskView;
const own: OwnAttempt = { attempt: 2, askedFor: 2, isClaimed: true, wasRunning: true };
const ended = { ...own, wasRunning: false };

describe('a server that answers', () => {
  it.each<[string, TaskView | undefined, OwnAttempt | undefined, string]>([
    ['gets a task that it does not have', undefined, own, 'create'],
    ['gives a new attempt to a watch that begins', known(2), undefined, 'resume'],
    ['has what goes on', known(2), own, 'go-on'],
    ['takes back what it believed lost', known(2, 'lost'), own, 'go-on'],
    ['gives a new attempt after a watch without it', known(2, 'stopped'), ended, 'resume'],
    ['had the task stopped meanwhile', known(2, 'stopped'), own, 'over'],
    ['had the task continued elsewhere', known(3), own, 'over'],
    ['had the task continued elsewhere, also after a watch without it', known(3), ended, 'over'],
    ['gave an attempt that never arrived', known(3), { ...own, askedFor: 3 }, 'resume'],
  ])('%s', (_, task, attempt, to) => {
    const isSameProcess = to === 'go-on';
    expect(judgeTask(task, attempt, isSameProcess).to).toBe(to);
  });

  it('that never gave the attempt gets what waits under the one that it gives', () => {
    const unclaimed = { ...ended, isClaimed: false };
    expect(judgeTask(known(2), unclaimed, true)).toMatchObject({ to: 'resume', isUnknown: true });
    expect(judgeTask(known(1), own, true)).toMatchObject({ to: 'resume', isUnknown: true });
    expect(judgeTask(known(2), ended, true)).toMatchObject({ to: 'resume', isUnknown: false });
  });

  it('gives a new attempt where another process goes on', () => {
    expect(judgeTask(known(2), own, false)).toMatchObject({ to: 'resume' });
  });
});
