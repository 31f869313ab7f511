import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { temporaryFolder, useDatabase } from '#testing';
import { checkDisk, checkPermissions, judgeGit } from './check-machine.js';
import { intakeFinding } from './check-nats.js';
import { checkPostgres } from './check-postgres.js';

describe('the look at this machine', () => {
  const folder = temporaryFolder();

  it('measures the disk of a folder that is not there yet, and makes none', () => {
    const absent = join(folder, 'not/there/yet');
    expect(checkDisk(absent)).toMatchObject({ what: 'disk', status: 'ok' });
    expect(checkPermissions(absent)).toMatchObject({ what: 'permissions', status: 'ok' });
    expect(existsSync(join(folder, 'not'))).toBe(false);
  });

  it('names what stands in the way of the folder', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(checkPermissions(join(file, 'patchpoint'))).toMatchObject({
      status: 'problem',
      found: `${file} is not a folder`,
    });
  });

  it.each([
    ['git version 2.39.5', 'ok'],
    ['git version 2.36.0.windows.1', 'ok'],
    ['git version 2.35.9', 'problem'],
    ['git version 1.99', 'problem'],
  ])('finds of %s: %s', (line, status) => {
    expect(judgeGit(line).status).toBe(status);
  });
});

describe('the look at a queue', () => {
  it.each([
    [0, 0, 'ok', 'nothing waits'],
    [3, 60, 'ok', '3 waiting, the oldest for 60 s'],
    [3, 61, 'warning', '3 waiting, the oldest for 61 s'],
  ])('of %s messages, the oldest %s s old: %s', (messages, oldestAgeSeconds, status, found) => {
    const unsettled = { messages, oldestAgeSeconds, oldestSequence: 1 };
    expect(intakeFinding('CHECKPOINTS', unsettled)).toMatchObject({ status, found });
  });
});

describe('the look at Postgres', () => {
  const database = useDatabase();

  it('finds nothing to mend in a migrated one', async () => {
    expect((await checkPostgres(database.url)).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
  });

  it('says how many messages wait aside, and warns when nobody takes them up', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const park = (due: string) =>
      client.query(
        `INSERT INTO parked_messages (id, consumer, daemon_id, subject, payload, size_bytes, message_sha256, reason, sent_at, due_at)
         VALUES (gen_random_uuid(), 'checkpoint-ingest', 'd', 's', '', 0, sha256($1::text::bytea), 'bytes', now() - interval '1 hour', now() + $1::interval)`,
        [due],
      );
    const found = async () => (await checkPostgres(database.url))[2];
    expect(await found()).toMatchObject({ status: 'ok', found: 'nothing waits' });
    await park('1 minute');
    expect(await found()).toMatchObject({ status: 'ok', found: '1 message waiting, the oldest for 3600 s' });
    await park('-6 minutes');
    expect(await found()).toMatchObject({
      what: 'aside',
      status: 'warning',
      found: '2 messages waiting, the oldest for 3600 s; 1 of them overdue',
    });
    await client.query('DELETE FROM parked_messages');
    await client.end();
  });

  it('says that migrations are missing', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('DELETE FROM schema_migrations WHERE id = (SELECT max(id) FROM schema_migrations)');
    await client.end();
    expect((await checkPostgres(database.url))[1]).toEqual({
      what: 'schema',
      status: 'problem',
      found: '1 migration behind',
      fix: 'Run `patchpoint migrate`.',
    });
  });

  it.each([
    ['nonsense', 'DATABASE_URL is not the URL of a database', 'Set it to postgresql://'],
    ['postgresql://me:secret@127.0.0.1:1/x', 'ECONNREFUSED', 'Start it, or correct DATABASE_URL.'],
  ])('says of %s what is wrong and what to do', async (url, found, fix) => {
    const findings = await checkPostgres(url);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ what: 'Postgres', status: 'problem' });
    expect(findings[0]!.found).toContain(found);
    expect(findings[0]!.found).not.toContain('secret');
    expect(findings[0]!.fix).toContain(fix);
  });
});
