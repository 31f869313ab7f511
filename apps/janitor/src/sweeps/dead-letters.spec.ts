import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { Database, DeadLetter, insertDeadLetter, MAX_LETTERS_PER_DAEMON, trimDeadLetters } from '#database';
import { useDatabase } from '#testing';
import { DeadLettersSweep } from './dead-letters.js';

const postgres = useDatabase();
let database: Database;

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 2 });
  await database.connected();
});
afterAll(async () => {
  await database.onApplicationShutdown();
});

describe('dead letters', () => {
  beforeEach(async () => {
    await database.manager.query('DELETE FROM dead_letters');
  });

  const bury = (daemonId: string, index: number, sizeBytes = 10) =>
    insertDeadLetter(database.manager, {
      id: uuidv7(),
      consumer: 'checkpoint-ingest',
      subject: `subject ${index}`,
      code: 'BAD_JSON',
      reason: 'no JSON',
      payload: Buffer.alloc(sizeBytes, index),
      daemonId,
      deliveredCount: 1,
    });
  const left = async () =>
    (await database.manager.find(DeadLetter, { order: { id: 'ASC' } })).map(({ subject }) => subject);
  const sweep = (bounds: { most: number; mostBytes: number }, days = 30) =>
    new DeadLettersSweep(3600, days, database, bounds).run(new AbortController().signal);

  it('go when they are too old', async () => {
    await bury('d1', 1);
    await database.manager.query(`UPDATE dead_letters SET created_at = now() - interval '31 days'`);
    await bury('d1', 2);
    expect(await sweep({ most: 10, mostBytes: 1000 })).toEqual({ swept: 1 });
    expect(await left()).toEqual(['subject 2']);
  });

  it.each([
    ['number', { most: 2, mostBytes: 1000 }],
    ['size', { most: 10, mostBytes: 25 }],
  ])('go when there are too many, oldest first, by %s', async (_, bounds) => {
    for (const index of [1, 2, 3, 4]) await bury(`d${index}`, index);
    await sweep(bounds);
    expect(await left()).toEqual(['subject 3', 'subject 4']);
  });

  it('of one daemon make room for its newest', async () => {
    await bury('other', 0);
    await database.manager.query(
      `INSERT INTO dead_letters (id, consumer, subject, code, reason, payload, payload_sha256, daemon_id, delivered_count)
       SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'c', 's' || n, 'BAD_JSON', 'r', '', '', 'd1', 1
         FROM generate_series(1, $1::int) AS n`,
      [MAX_LETTERS_PER_DAEMON + 5],
    );
    await trimDeadLetters(database.manager, 'd1');
    const subjects = await left();
    expect(subjects).toHaveLength(MAX_LETTERS_PER_DAEMON + 1);
    expect(subjects).toContain('subject 0');
    expect(subjects).not.toContain('s5');
    expect(subjects).toContain('s6');
  });
});
