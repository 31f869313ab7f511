import { describe, expect, it } from '@jest/globals';
import { refuseSpeaker, standing, type Standing } from './standing.js';

const task = { id: 'task', attempt: 2, daemonId: 'a' };

describe('standing', () => {
  it.each([
    ['the holder of the newest attempt', 'a', 2, 'former', 'current'],
    ['the holder of an older attempt', 'former', 1, 'former', 'superseded'],
    ['another daemon, of the newest attempt', 'former', 2, 'former', 'held-by-other'],
    ['the newest holder, of an older attempt of another', 'a', 1, 'former', 'held-by-other'],
    ['any daemon, of an older attempt that was never claimed', 'a', 1, null, 'held-by-other'],
    ['any daemon, of a future attempt', 'a', 3, null, 'never-spawned'],
  ])('of %s (%s, attempt %s, before held by %s) is %s', (_, daemonId, attempt, formerHolderId, expected) => {
    expect(standing(task, { attempt, daemonId }, formerHolderId)).toBe(expected);
  });

  it('is held by no daemon for an attempt that is not claimed yet', () => {
    const unclaimed = { ...task, daemonId: null };
    expect(standing(unclaimed, { attempt: 2, daemonId: 'a' }, null)).toBe('held-by-other');
  });
});

describe('refuseSpeaker', () => {
  it.each<[Exclude<Standing, 'current'>, number, string, string, string]>([
    ['superseded', 1, 'ATTEMPT_SUPERSEDED', 'attempt', 'by attempt 2. Drop it.'],
    ['never-spawned', 3, 'TASK_STATE_CONFLICT', 'attempt', 'the task is at attempt 2'],
    ['held-by-other', 2, 'IDENTITY_MISMATCH', 'daemonId', 'is held by daemon "a", not by "b". Claim'],
    ['held-by-other', 1, 'IDENTITY_MISMATCH', 'daemonId', 'was never held by daemon "b"'],
  ])('names the cause and the next step for "%s"', (stands, attempt, code, path, text) => {
    const { reason, ...refusal } = refuseSpeaker(stands, task, { daemonId: 'b', attempt });
    expect(refusal).toEqual({ outcome: 'refused', code, path });
    expect(reason).toContain(`Attempt ${attempt} of task task`);
    expect(reason).toContain(text);
  });

  it('reports that no daemon holds an unclaimed attempt', () => {
    const refusal = refuseSpeaker(
      'held-by-other',
      { ...task, daemonId: null },
      { daemonId: 'b', attempt: 2 },
    );
    expect(refusal.reason).toContain('is held by no daemon, not by "b"');
  });
});
