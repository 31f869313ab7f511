import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { LockedTask, RecordedEvent } from '#database';
import { decideCheckpoints } from './decide-checkpoints.js';
import { aCheckpoint } from '../../testing/fixtures.js';
import { contentDigest, type VerifiedCheckpoint } from '../verify/verify-checkpoint.js';

const task = (fields: Partial<LockedTask> = {}): LockedTask => ({
  id: uuidv7(),
  state: 'running',
  attempt: 2,
  daemonId: 'daemon-1',
  lastCheckpointNumber: 7,
  ...fields,
});

function verified(fields: Parameters<typeof aCheckpoint>[0]): VerifiedCheckpoint {
  const event = aCheckpoint({ attempt: 2, ...fields }, null);
  return { event, patch: null, bundle: null, conversation: null, contentSha256: contentDigest(event) };
}

function recorded({ event, contentSha256 }: VerifiedCheckpoint): RecordedEvent {
  return {
    eventId: event.eventId,
    contentSha256,
    checkpointId: uuidv7(),
    taskId: event.taskId,
    number: 3,
    patchId: null,
    bundleId: null,
    hasConversation: false,
    superseded: false,
    createdAt: new Date(),
  };
}

describe('decideCheckpoints', () => {
  it('numbers each task without gaps, whatever is refused between', () => {
    const [a, b] = [task(), task({ lastCheckpointNumber: 0 })];
    const batch = [
      verified({ taskId: a.id }),
      verified({ taskId: b.id }),
      verified({ taskId: a.id, attempt: 3 }),
      verified({ taskId: uuidv7() }),
      verified({ taskId: a.id }),
    ];
    const decisions = decideCheckpoints(batch, [a, b], [], []);
    expect(decisions.map((decision) => ('number' in decision ? decision.number : decision.kind))).toEqual([
      8,
      1,
      'refuse',
      'refuse',
      9,
    ]);
  });

  it('finds an event that is stored already', () => {
    const a = task();
    const repeated = verified({ taskId: a.id });
    const row = recorded(repeated);
    expect(decideCheckpoints([repeated], [a], [], [row])).toEqual([{ kind: 'repeat', recorded: row }]);
  });

  it('finds an event that came twice in one batch', () => {
    const a = task();
    const twice = verified({ taskId: a.id });
    expect(decideCheckpoints([verified({ taskId: a.id }), twice, twice], [a], [], [])).toMatchObject([
      { kind: 'store', number: 8 },
      { kind: 'store', number: 9 },
      { kind: 'same-as', index: 1 },
    ]);
  });

  it('refuses an event whose id is stored with other content, also within a batch', () => {
    const a = task();
    const first = verified({ taskId: a.id });
    const other = verified({ taskId: a.id, eventId: first.event.eventId, treeSha: 'f'.repeat(40) });
    const conflict = { kind: 'refuse', error: { code: 'EVENT_CONFLICT', path: 'eventId' } };
    expect(decideCheckpoints([other], [a], [], [recorded(first)])).toMatchObject([conflict]);
    expect(decideCheckpoints([first, other], [a], [], [])).toMatchObject([{ kind: 'store' }, conflict]);
  });

  it('stores what the daemon of an older attempt still delivers, as superseded, and nobody else', () => {
    const a = task();
    const holders = [{ taskId: a.id, attempt: 1, daemonId: 'daemon-0' }];
    const late = verified({ taskId: a.id, attempt: 1, daemonId: 'daemon-0' });
    expect(decideCheckpoints([late], [a], holders, [])).toEqual([
      { kind: 'store', number: 8, superseded: true },
    ]);
    // Not even the daemon of the current attempt.
    const forged = verified({ taskId: a.id, attempt: 1, daemonId: 'daemon-1' });
    const refused = { kind: 'refuse', error: { code: 'IDENTITY_MISMATCH', path: 'daemonId' } };
    expect(decideCheckpoints([forged], [a], holders, [])).toMatchObject([refused]);
    expect(decideCheckpoints([late], [a], [], [])).toMatchObject([refused]);
  });

  it.each([
    ['a task that does not exist', { taskId: uuidv7() }, {}, 'TASK_NOT_FOUND', 'taskId'],
    ['an attempt that was never spawned', { attempt: 3 }, {}, 'TASK_STATE_CONFLICT', 'attempt'],
    [
      'a daemon that did not claim the attempt',
      { daemonId: 'daemon-2' },
      {},
      'IDENTITY_MISMATCH',
      'daemonId',
    ],
    ['an attempt that nobody claimed', {}, { daemonId: null }, 'IDENTITY_MISMATCH', 'daemonId'],
  ])('refuses %s', (_, fields, taskFields, code, path) => {
    const a = task(taskFields);
    expect(decideCheckpoints([verified({ taskId: a.id, ...fields })], [a], [], [])).toMatchObject([
      { kind: 'refuse', error: { code, path } },
    ]);
  });
});
