import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { v4 as uuidv4 } from 'uuid';
import { Database, holdIdempotencyKey, IdempotencyKey } from '#database';
import { useDatabase } from '#testing';
import { IdempotencyKeysSweep } from './idempotency-keys.js';

const postgres = useDatabase();
let database: Database;

beforeAll(async () => {
  database = new Database({ databaseUrl: postgres.url, applicationName: 'spec', poolSize: 2 });
  await database.connected();
});
afterAll(async () => {
  await database.onApplicationShutdown();
});

it('deletes any number of expired keys, and no others', async () => {
  await holdIdempotencyKey(database.manager, {
    key: 'fresh',
    requestSha256: 'ab'.repeat(32),
    holder: uuidv4(),
  });
  await database.manager.query(
    `INSERT INTO idempotency_keys (key, request_sha256, holder, held_until, expires_at)
     SELECT n, '', gen_random_uuid(), now(), now() FROM generate_series(1, 1001) AS n`,
  );
  const sweep = new IdempotencyKeysSweep(3600, database);
  expect(await sweep.run(new AbortController().signal)).toEqual({ swept: 1001 });
  expect(await database.manager.find(IdempotencyKey)).toMatchObject([{ key: 'fresh' }]);
});
