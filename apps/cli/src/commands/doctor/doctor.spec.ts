import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { temporaryFolder, useDatabase } from '#testing';
import { checkDisk, checkPermissions, judgeGit } from './check-machine.js';
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

describe('the look at Postgres', () => {
  const database = useDatabase();

  it('finds nothing to mend in a migrated one', async () => {
    expect((await checkPostgres(database.url)).map(({ status }) => status)).toEqual(['ok', 'ok']);
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
