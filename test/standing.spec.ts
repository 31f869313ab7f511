import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { PatchList, RestorableCheckpointReply, type RpcName } from '#contracts';
import { OutboxTransaction } from '#outbox';
import { eventually } from '#testing';
import { recordBatch } from '../apps/checkpoint-ingest/src/record/record-batch.js';
import { contentDigest } from '../apps/checkpoint-ingest/src/verify/verify-checkpoint.js';
import { aCheckpoint } from '../apps/checkpoint-ingest/testing/fixtures.js';
import { useRunningPatchStore } from '../apps/patch-store/testing/use-running-patch-store.js';

const store = useRunningPatchStore();

interface Situation {
  /** Who claimed each of them in turn; null: nobody. */
  attempts: (string | null)[];
  /** The daemon that speaks, and the attempt that it speaks for. */
  asks: string;
  attempt: number;
}

/** Brings a task into that history, each attempt by force after the one before. */
async function taskOf({ attempts }: Situation): Promise<string> {
  const taskId = await store.createTask();
  for (const [index, daemonId] of attempts.entries()) {
    if (index > 0) await store.post(`/v1/tasks/${taskId}/resume`, { force: true });
    if (daemonId !== null) await store.claim(taskId, daemonId, index + 1);
  }
  return taskId;
}

function ask(daemonId: string, name: RpcName, fields: object, reply: new () => object) {
  return answerOf(store.ask(daemonId, name, fields, reply));
}

function answerOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'yes',
    ({ code }: { code: string }) => code,
  );
}

async function deadLetterCode(eventId: string): Promise<string | undefined> {
  const rows = await store.database.manager.query<{ code: string }[]>(
    'SELECT code FROM dead_letters WHERE event_id = $1',
    [eventId],
  );
  return rows[0]?.code;
}

async function untilReportsAreSettled(): Promise<void> {
  const manager = await store.nats.jetStreamManager();
  await eventually(async () => {
    const { num_pending, num_ack_pending } = await manager.consumers.info('TASKS', 'patch-store');
    expect({ num_pending, num_ack_pending }).toEqual({ num_pending: 0, num_ack_pending: 0 });
  });
}

/** The five that apply the rule, each asked as a daemon asks it. */
const places = {
  claim: (taskId: string, { asks, attempt }: Situation) => answerOf(store.claim(taskId, asks, attempt)),

  /** One that is refused becomes a dead letter. */
  report: async (taskId: string, { asks, attempt }: Situation) => {
    const eventId = uuidv7();
    await store.report({ daemonId: asks, taskId, attempt, report: 'started', eventId });
    await untilReportsAreSettled();
    return (await deadLetterCode(eventId)) ?? 'yes';
  },

  record: async (taskId: string, { asks, attempt }: Situation) => {
    const event = aCheckpoint({ taskId, daemonId: asks, attempt }, null);
    const verified = {
      event,
      patch: null,
      bundle: null,
      conversation: null,
      contentSha256: contentDigest(event),
    };
    const outbox = new OutboxTransaction(store.database, { wake: () => undefined });
    const [verdict] = await outbox.run((manager, announce) => recordBatch(manager, announce, [verified]));
    if ('refused' in verdict!) return (verdict.refused as Error & { code: string }).code;
    return verdict!.recorded.superseded ? 'as superseded' : 'yes';
  },

  older: (taskId: string, { asks, attempt }: Situation) =>
    ask(asks, 'restorable-checkpoint', { taskId, attempt, beforeNumber: 1 }, RestorableCheckpointReply),

  patches: (taskId: string, { asks, attempt }: Situation) =>
    ask(asks, 'list-patches', { taskId, attempt }, PatchList),
};

/** What each answers; one that is not named answers as `rest`. */
type Answers = { rest: string } & Partial<Record<keyof typeof places, string>>;

const table: [string, Situation, Answers][] = [
  ['its newest attempt', { attempts: ['a'], asks: 'a', attempt: 1 }, { rest: 'yes' }],
  ['its newest attempt, after another’s', { attempts: ['b', 'a'], asks: 'a', attempt: 2 }, { rest: 'yes' }],
  [
    // Its work is kept and its late reports are ignored; all else is refused.
    'its own attempt that was superseded',
    { attempts: ['a', 'b'], asks: 'a', attempt: 1 },
    { rest: 'ATTEMPT_SUPERSEDED', report: 'yes', record: 'as superseded' },
  ],
  [
    'its own attempt that it superseded itself',
    { attempts: ['a', 'a'], asks: 'a', attempt: 1 },
    { rest: 'ATTEMPT_SUPERSEDED', report: 'yes', record: 'as superseded' },
  ],
  [
    // Who claims is not its holder yet, and is to drop it.
    'an older attempt of another',
    { attempts: ['a', 'b'], asks: 'b', attempt: 1 },
    { rest: 'IDENTITY_MISMATCH', claim: 'ATTEMPT_SUPERSEDED' },
  ],
  [
    'an older attempt that nobody claimed',
    { attempts: [null, 'a'], asks: 'a', attempt: 1 },
    { rest: 'IDENTITY_MISMATCH', claim: 'ATTEMPT_SUPERSEDED' },
  ],
  [
    'the newest attempt of another',
    { attempts: ['a', 'b'], asks: 'a', attempt: 2 },
    { rest: 'IDENTITY_MISMATCH', claim: 'TASK_ALREADY_CLAIMED' },
  ],
  [
    'an attempt that was never spawned',
    { attempts: ['a'], asks: 'a', attempt: 2 },
    { rest: 'TASK_STATE_CONFLICT' },
  ],
];

describe.each(Object.keys(places) as (keyof typeof places)[])('what %s answers a daemon about', (place) => {
  it.each(table)('%s', async (_, situation, answers) => {
    const taskId = await taskOf(situation);
    expect(await places[place](taskId, situation)).toBe(answers[place] ?? answers.rest);
  });
});

describe('an attempt that nobody has claimed yet', () => {
  const situation = { attempts: ['a', null], asks: 'a', attempt: 2 };

  it.each(['report', 'record', 'older', 'patches'] as const)(
    'is nobody’s to speak for: %s',
    async (place) => {
      expect(await places[place](await taskOf(situation), situation)).toBe('IDENTITY_MISMATCH');
    },
  );

  it('may be claimed', async () => {
    expect(await places.claim(await taskOf(situation), situation)).toBe('yes');
  });
});

describe('a question about patches that names no attempt, as older daemons ask it', () => {
  let taskId: string;
  const patches = (daemonId: string) => ask(daemonId, 'list-patches', { taskId }, PatchList);

  beforeAll(async () => {
    taskId = await taskOf({ attempts: ['a', 'b'], asks: 'a', attempt: 1 });
  });

  it('is about the newest attempt that the daemon holds', async () => {
    expect(await patches('b')).toBe('yes');
    expect(await patches('a')).toBe('ATTEMPT_SUPERSEDED');
    expect(await patches('stranger')).toBe('IDENTITY_MISMATCH');
  });
});
