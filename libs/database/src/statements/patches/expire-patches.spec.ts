import { describe, expect, it } from '@jest/globals';
import { expirePatches, type ExpiredPatch } from './expire-patches.js';
import { aPatch } from '../../../testing/fixtures.js';
import { aTaskWith, type Recorded } from '../../../testing/task-with-checkpoints.js';
import { insertPatches } from './insert-patches.js';
import { latestRestorablePatch } from './latest-restorable-patch.js';
import { findCheckpoint } from '../checkpoints/list-checkpoints.js';
import { listPatches } from './list-patches.js';
import { useOpenDatabase } from '../../../testing/use-open-database.js';

const database = useOpenDatabase();

async function latestNumber(taskId: string): Promise<number | null | undefined> {
  return (await latestRestorablePatch(database().manager, taskId)).patch?.checkpointNumber;
}

const sweep = (limit = 500) => database().transaction((manager) => expirePatches(manager, limit));

/** What there is, newest first, as `number format`. */
async function left(taskId: string): Promise<string[]> {
  const patches = await listPatches(database().manager, taskId);
  return patches.map(({ checkpointNumber, format }) => `${checkpointNumber ?? 'lone'} ${format}`);
}

describe('expirePatches', () => {
  it('takes what is due, and keeps the newest patch of a task that is not finished', async () => {
    await sweep();
    const finished = await aTaskWith(database(), 'stopped', [{ number: 1, expiresInHours: -1 }]);
    const lost = await aTaskWith(database(), 'lost', [
      { number: 1, expiresInHours: -3 },
      { number: 2, expiresInHours: -2 },
      { number: 3, superseded: true, expiresInHours: -1 },
    ]);
    await aTaskWith(database(), 'completed', [{ number: 1, expiresInHours: 1 }]);

    const expired = await sweep();
    expect(new Set(expired.map((patch) => `${patch.taskId} ${patch.checkpointNumber}`))).toEqual(
      new Set([`${lost} 1`, `${lost} 3`, `${finished} 1`]),
    );
    expect(expired[0]).toMatchObject({
      daemonId: 'daemon-1',
      patchSizeBytes: expect.any(Number),
      expiredAt: expect.any(Date),
    });
    expect(await latestNumber(lost)).toBe(2);
    expect(await findCheckpoint(database().manager, finished, 1)).toMatchObject({ patchId: null });
    expect(await sweep()).toEqual([]);
  });

  it('treats the diff and the bundle of a checkpoint alike', async () => {
    await sweep();
    const both = { expiresInHours: -1, bundleExpiresInHours: -1 };
    const lost = await aTaskWith(database(), 'lost', [
      { number: 1, ...both },
      { number: 2, ...both },
      { number: 3, superseded: true, ...both },
    ]);
    const bundled = await aTaskWith(database(), 'running', [
      { number: 1, expiresInHours: -1 },
      { number: 2, bundleExpiresInHours: -1 },
    ]);
    const finished = await aTaskWith(database(), 'stopped', [{ number: 1, ...both }]);
    const numbers = (expired: ExpiredPatch[], taskId: string) =>
      expired.filter((patch) => patch.taskId === taskId).map((patch) => patch.checkpointNumber);

    const expired = await sweep();
    expect(numbers(expired, lost).sort()).toEqual([1, 1, 3, 3]);
    expect(numbers(expired, bundled)).toEqual([1]);
    expect(numbers(expired, finished)).toEqual([1, 1]);
    expect((await listPatches(database().manager, lost)).map(({ format }) => format).sort()).toEqual([
      'git-bundle',
      'git-diff',
    ]);
    expect(await findCheckpoint(database().manager, finished, 1)).toMatchObject({
      patchId: null,
      bundleId: null,
    });
    expect(await sweep()).toEqual([]);
  });

  it('returns each patch once when several sweep at the same time', async () => {
    await sweep();
    const many = Array.from({ length: 60 }, (_, index) => ({ number: index + 1, expiresInHours: -1 }));
    await aTaskWith(database(), 'completed', many);
    const sweepAll = async (): Promise<ExpiredPatch[]> => {
      const found = await sweep(10);
      return found.length === 0 ? [] : [...found, ...(await sweepAll())];
    };
    const swept = (await Promise.all([sweepAll(), sweepAll(), sweepAll()])).flat();
    expect(swept.map((patch) => patch.checkpointNumber).sort((a, b) => a! - b!)).toEqual(
      many.map(({ number }) => number),
    );
  });
});

describe('what expirePatches leaves of a task', () => {
  const over = { expiresInHours: -1 };
  const overBundle = { bundleExpiresInHours: -1 };
  const halfOver: Recorded = { number: 1, ...over, bundleExpiresInHours: 1 };

  it.each<[string, Recorded[], { unfinished: string[]; finished: string[] }]>([
    [
      'the older one, where the newest has no patch',
      [{ number: 1, ...over }, { number: 2, ...over }, { number: 3 }],
      { unfinished: ['2 git-diff'], finished: [] },
    ],
    [
      'the older one, where the newest is superseded, though it has time left',
      [
        { number: 1, ...over },
        { number: 2, superseded: true, expiresInHours: 1 },
      ],
      { unfinished: ['2 git-diff', '1 git-diff'], finished: ['2 git-diff'] },
    ],
    [
      'nothing that is overdue, where the newest is not',
      [
        { number: 1, ...over },
        { number: 2, expiresInHours: 1 },
      ],
      { unfinished: ['2 git-diff'], finished: ['2 git-diff'] },
    ],
    [
      'a bundle by itself, beside which an older diff goes',
      [
        { number: 1, ...over },
        { number: 2, ...overBundle },
      ],
      { unfinished: ['2 git-bundle'], finished: [] },
    ],
    [
      'an overdue diff, as long as its bundle is needed',
      [halfOver],
      { unfinished: ['1 git-bundle', '1 git-diff'], finished: ['1 git-bundle'] },
    ],
    [
      'the highest attempt and sequence, not the highest number',
      [
        { number: 1, attempt: 2, sequence: 1, ...over },
        { number: 2, attempt: 1, sequence: 8, ...over },
        { number: 3, attempt: 1, sequence: 9, ...over },
      ],
      { unfinished: ['1 git-diff'], finished: [] },
    ],
  ])('is %s', async (_, checkpoints, expected) => {
    const unfinished = await aTaskWith(database(), 'running', checkpoints);
    const finished = await aTaskWith(database(), 'completed', checkpoints);
    await sweep();
    expect((await left(unfinished)).sort()).toEqual(expected.unfinished.sort());
    expect((await left(finished)).sort()).toEqual(expected.finished.sort());
  });

  it('is gone once the task is finished', async () => {
    const taskId = await aTaskWith(database(), 'lost', [{ number: 1, ...over }]);
    await sweep();
    expect(await left(taskId)).toEqual(['1 git-diff']);
    await database().manager.query(`UPDATE tasks SET state = 'stopped' WHERE id = $1`, [taskId]);
    await sweep();
    expect(await left(taskId)).toEqual([]);
  });
});

describe('what expirePatches leaves of patches without a checkpoint', () => {
  /** A task with checkpoints, and with such patches; returns the ids of these. */
  async function stored(state: 'running' | 'completed', checkpoints: Recorded[], ttlHours: number[]) {
    const taskId = await aTaskWith(database(), state, checkpoints);
    const patches = ttlHours.map((hours) => aPatch({ taskId, ttlHours: hours }));
    for (const patch of patches) await insertPatches(database().manager, [patch]);
    return patches.map(({ id }) => id);
  }

  const expired = async () => new Set((await sweep()).map(({ id }) => id));

  it('is the newest of them, while the task is not finished', async () => {
    await sweep();
    const unfinished = await stored('running', [], [-1, -1]);
    const finished = await stored('completed', [], [-1]);
    expect(await expired()).toEqual(new Set([unfinished[0], finished[0]]));
  });

  it('is none that is overdue, where a newer one has time left', async () => {
    await sweep();
    const [older] = await stored('running', [], [-1, 1]);
    expect(await expired()).toEqual(new Set([older]));
  });

  it('is the newest beside checkpoints that cannot be restored, and none beside one that can', async () => {
    await sweep();
    await stored('running', [{ number: 1 }, { number: 2, superseded: true, expiresInHours: 1 }], [-1]);
    const [beside] = await stored('running', [{ number: 1, expiresInHours: 1 }], [-1]);
    const [besideOverdue] = await stored('running', [{ number: 1, expiresInHours: -1 }], [-1]);
    expect(await expired()).toEqual(new Set([beside, besideOverdue]));
  });
});

describe('the limit of expirePatches', () => {
  it('takes the longest overdue first', async () => {
    await sweep();
    const hours = [-1, -9, -5];
    const checkpoints = hours.map((expiresInHours, index) => ({ number: index + 1, expiresInHours }));
    await aTaskWith(database(), 'completed', checkpoints);
    const numbers = [];
    for (let n = 0; n < 3; n++) numbers.push((await sweep(1))[0]?.checkpointNumber);
    expect(numbers).toEqual([2, 3, 1]);
  });
});
