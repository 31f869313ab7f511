import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database, queryRows, type OutboxMessage } from '#database';
import { useDatabase } from '#testing';
import { OutboxTransaction } from './outbox-transaction.js';

const postgres = useDatabase();
let database: Database;
/** What a relay would have found to publish, each time it was woken. */
let woken: string[][];
let outbox: OutboxTransaction;

async function committed(): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    database.manager,
    'SELECT message_id AS id FROM outbox ORDER BY id',
  );
  return rows.map(({ id }) => id);
}

const message = (messageId: string): OutboxMessage => ({
  taskId: null,
  subject: 'patchpoint.v1.event.a.b.task-lost',
  messageId,
  payload: {},
});

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 4 });
  await database.connected();
});
beforeEach(async () => {
  await database.manager.query('TRUNCATE outbox');
  woken = [];
  const looks: Promise<void>[] = [];
  const wake = (): void => void looks.push(committed().then((ids) => void woken.push(ids)));
  outbox = new OutboxTransaction(database, { wake });
  settled = () => Promise.all(looks);
});
afterAll(() => database.onApplicationShutdown());
let settled: () => Promise<unknown>;

describe('OutboxTransaction', () => {
  it('wakes the relay once what was announced is committed', async () => {
    const result = await outbox.run(async (_, announce) => {
      await announce([message('first')]);
      await announce([message('second')]);
      return 'the result';
    });
    await settled();
    expect(result).toBe('the result');
    expect(woken).toEqual([['first', 'second']]);
  });

  it('keeps nothing of work that fails, and wakes nobody', async () => {
    const work = outbox.run(async (_, announce) => {
      await announce([message('never')]);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    await settled();
    expect(woken).toEqual([]);
    expect(await committed()).toEqual([]);
  });

  it('does not wake the relay for nothing', async () => {
    await outbox.run((_, announce) => announce([]));
    await settled();
    expect(woken).toEqual([]);
  });
});
