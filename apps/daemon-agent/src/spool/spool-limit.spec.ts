import { describe, expect, it } from '@jest/globals';
import { makeRoom } from './spool-limit.js';
import type { SpooledCheckpoint } from './spooled-checkpoint.js';

/** `t1/1#3` is checkpoint 3 of attempt 1 of task t1; every one has ten bytes. */
function entry(name: string, fields: Partial<SpooledCheckpoint> = {}): SpooledCheckpoint {
  const [taskId, attempt, sequence] = name.split(/[/#]/);
  return {
    eventId: name,
    taskId: taskId!,
    attempt: Number(attempt),
    sequence: Number(sequence),
    kind: 'heartbeat',
    isCapture: true,
    isSelfContained: true,
    sizeBytes: 10,
    capturedAt: new Date(),
    patchSha256: undefined,
    bundleSha256: undefined,
    ...fields,
  };
}

const notSelfContained = { isSelfContained: false };
const manual = { kind: 'manual' } as const;
const final = { kind: 'final' } as const;

describe('makeRoom', () => {
  const goes = (pending: SpooledCheckpoint[], incoming: SpooledCheckpoint, limitBytes: number) => {
    const room = makeRoom(pending, incoming, limitBytes);
    return room.fits ? room.superseded.map(({ eventId }) => eventId) : `${room.missingBytes} missing`;
  };
  const three = [entry('t1/1#1'), entry('t2/1#1'), entry('t1/1#2')];

  it.each([
    ['evicts nothing while there is space', three, entry('t1/1#3'), 40, []],
    ['evicts the oldest first, and no more than needed', three, entry('t1/1#3'), 30, ['t1/1#1']],
    ['evicts everything that the new one replaces', three, entry('t1/1#3'), 20, ['t1/1#1', 't1/1#2']],
    ['never evicts the newest of another task', three, entry('t1/1#3'), 10, '10 missing'],
    ['evicts what a waiting one replaces', three, entry('t3/1#1'), 30, ['t1/1#1']],
    ['keeps the newest of an older attempt', three, entry('t1/2#1'), 30, ['t1/1#1']],
    ['evicts none if that would not be enough', three, entry('t1/2#1'), 20, '10 missing'],
    [
      'evicts nothing for one that cannot be restored on its own',
      [entry('t1/1#1')],
      entry('t1/1#2', notSelfContained),
      10,
      '10 missing',
    ],
    [
      'evicts one that cannot be restored on its own',
      [entry('t1/1#1', notSelfContained)],
      entry('t1/1#2'),
      10,
      ['t1/1#1'],
    ],
    [
      'keeps checkpoints that were requested',
      [entry('t1/1#1', manual), entry('t1/1#2')],
      entry('t1/1#3'),
      20,
      ['t1/1#2'],
    ],
    [
      'evicts a final one for a later final one',
      [entry('t1/1#1', final)],
      entry('t1/1#2', final),
      10,
      ['t1/1#1'],
    ],
    ['refuses an entry that is larger than the limit', [], entry('t1/1#1'), 9, '1 missing'],
    [
      'compares by sequence, not by the order on disk',
      [entry('t1/1#2'), entry('t1/1#1')],
      entry('t2/1#1'),
      20,
      ['t1/1#1'],
    ],
  ])('%s', (_, pending, incoming, limitBytes, expected) => {
    expect(goes(pending, incoming, limitBytes)).toEqual(expected);
  });
});
