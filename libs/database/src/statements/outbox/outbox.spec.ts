import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { useDatabase } from '#testing';
import type { QueryRunner } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { createDataSource } from '../../data-source.js';
import { claimOutbox, deleteOutbox } from './claim-outbox.js';
import { insertOutbox } from './insert-outbox.js';
import type { Queryable } from '../sql/query-rows.js';

const server = useDatabase();
let dataSource: ReturnType<typeof createDataSource>;
let first: QueryRunner;
let second: QueryRunner;

beforeAll(async () => {
  dataSource = createDataSource({ databaseUrl: server.url, applicationName: 'spec', poolSize: 3 });
  await dataSource.initialize();
  first = dataSource.createQueryRunner();
  second = dataSource.createQueryRunner();
});
beforeEach(() => dataSource.query('TRUNCATE outbox'));
afterAll(() => dataSource.destroy());

const messages = (taskId: string | null, ...names: string[]) =>
  names.map((name) => ({ taskId, subject: `test.${name}`, messageId: name, payload: { name } }));

async function claimed(db: Queryable, limit = 100): Promise<string[]> {
  return (await claimOutbox(db, limit)).map((message) => message.messageId);
}

describe('the outbox', () => {
  const [taskA, taskB] = [uuidv7(), uuidv7()];

  it('gives out messages as they were written', async () => {
    await insertOutbox(dataSource, [
      {
        taskId: null,
        subject: 's',
        messageId: 'm',
        payload: { text: 'ä\u2028"', b: 1, a: 2 },
        headers: { h: 'v' },
      },
    ]);
    expect(await claimOutbox(dataSource, 10)).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        taskId: null,
        subject: 's',
        messageId: 'm',
        headers: { h: 'v' },
        payload: '{"text":"ä\u2028\\"","b":1,"a":2}',
        createdAt: expect.any(Date),
      },
    ]);
  });

  it('gives a task to one claimer at a time, with all that waits for it', async () => {
    await insertOutbox(dataSource, [
      ...messages(taskA, 'a1', 'a2'),
      ...messages(taskB, 'b1'),
      ...messages(taskA, 'a3'),
      ...messages(null, 'n1', 'n2'),
    ]);
    await first.startTransaction();
    await second.startTransaction();
    expect(await claimed(first, 1)).toEqual(['a1']);
    expect(await claimed(second)).toEqual(['b1', 'n1', 'n2']);
    await second.rollbackTransaction();
    await first.rollbackTransaction();
    expect(await claimed(dataSource)).toEqual(['a1', 'a2', 'b1', 'a3', 'n1', 'n2']);
  });

  it('gives out the rest of a task once its first messages were published', async () => {
    await insertOutbox(dataSource, messages(taskA, 'a1', 'a2', 'a3'));
    await first.startTransaction();
    const [head] = await claimOutbox(first, 1);
    await deleteOutbox(first, [head!.id]);
    expect(await claimed(dataSource)).toEqual([]);
    await first.commitTransaction();
    expect(await claimed(dataSource)).toEqual(['a2', 'a3']);
  });

  it('finds a message whose transaction committed after that of a later one', async () => {
    await first.startTransaction();
    await insertOutbox(first, messages(taskA, 'slow'));
    await insertOutbox(dataSource, messages(taskB, 'quick'));
    const published = await claimOutbox(dataSource, 10);
    expect(published.map((message) => message.messageId)).toEqual(['quick']);
    await deleteOutbox(dataSource, [published[0]!.id]);
    await first.commitTransaction();
    expect(await claimed(dataSource)).toEqual(['slow']);
  });

  it('refuses a message that NATS would not take, while its writer can still mend it', async () => {
    const tooLarge = {
      taskId: null,
      subject: 's',
      messageId: 'm',
      payload: { text: 'x'.repeat(1024 * 1024) },
    };
    await expect(insertOutbox(dataSource, [tooLarge])).rejects.toThrow(
      /Cannot send a message of 10\d+ bytes on s/,
    );
  });
});
