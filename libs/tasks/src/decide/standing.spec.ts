import { describe, expect, it } from '@jest/globals';
import { requireHolder } from './require-holder.js';
import { standing } from './standing.js';

describe('standing', () => {
  it.each([
    ['the holder of the newest attempt', 2, 'a', 2, 'a', 'current'],
    ['the holder of an older attempt', 2, 'a', 1, 'a', 'superseded'],
    ['another daemon, of the newest attempt', 2, 'a', 2, 'b', 'held-by-other'],
    ['another daemon, of an older attempt', 2, 'a', 1, 'b', 'held-by-other'],
    ['anyone, of an attempt that nobody claimed', 2, null, 2, 'a', 'held-by-other'],
    ['anyone, of an older attempt whose holder was not looked up', 2, undefined, 1, 'a', 'superseded'],
    ['anyone, of an attempt to come', 2, 'a', 3, 'a', 'never-spawned'],
  ])('of %s', (_, currentAttempt, holderId, attempt, daemonId, expected) => {
    expect(standing({ currentAttempt, holderId }, { attempt, daemonId })).toBe(expected);
  });
});

describe('requireHolder', () => {
  const task = { id: 'task', attempt: 2, daemonId: 'a' };

  it.each([
    ['ATTEMPT_SUPERSEDED', { attempt: 1, daemonId: 'a' }],
    ['TASK_STATE_CONFLICT', { attempt: 3, daemonId: 'a' }],
    ['IDENTITY_MISMATCH', { attempt: 2, daemonId: 'b' }],
    ['IDENTITY_MISMATCH', { daemonId: 'b' }],
  ])('refuses with %s', (code, asking) => {
    expect(() => requireHolder(task, asking)).toThrow(expect.objectContaining({ code }));
  });

  it('lets the holder pass, also one that names no attempt', () => {
    expect(() => requireHolder(task, { attempt: 2, daemonId: 'a' })).not.toThrow();
    expect(() => requireHolder(task, { daemonId: 'a' })).not.toThrow();
  });
});
