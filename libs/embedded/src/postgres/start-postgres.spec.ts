import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { queryOnce, temporaryFolder } from '#testing';
import { EmbeddedError } from '../embedded-error.js';
import { startPostgres } from './start-postgres.js';

/**
 * A killed process loses nothing that it wrote; only a machine's crash does. Without it a start takes half
 * the time.
 */
const settings = { fsync: 'off' };

/** Only root runs Postgres as another user. */
const itAsRoot = process.geteuid?.() === 0 ? it : it.skip;

describe('startPostgres', () => {
  it('finds data and password again after a stop and after a crash', async () => {
    const dataDir = temporaryFolder();
    const first = await startPostgres({ dataDir, persistent: true, settings });
    await queryOnce(first.url, 'CREATE TABLE kept AS SELECT 1 AS stop');
    await first.stop();
    await first.stop(); // twice is harmless

    const second = await startPostgres({ dataDir, persistent: true, settings });
    await queryOnce(second.url, 'ALTER TABLE kept ADD COLUMN crash int DEFAULT 2');
    await second.kill();

    const third = await startPostgres({ dataDir, persistent: true, port: second.port, settings });
    expect(third.url).toBe(second.url);
    expect(await queryOnce(third.url, 'SELECT * FROM kept')).toEqual([{ stop: 1, crash: 2 }]);
    await third.stop();
  });

  it('keeps its password to itself and asks for it', async () => {
    const dataDir = temporaryFolder();
    const postgres = await startPostgres({ dataDir, persistent: false, settings });
    const { mode } = await stat(join(dataDir, 'password'));
    expect(mode & 0o777).toBe(0o600);
    const guessed = new URL(postgres.url);
    guessed.password = 'postgres';
    await expect(queryOnce(guessed.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    await postgres.stop();
  });

  itAsRoot(
    'lets no service that runs as nobody near it, and takes over a folder from when it did',
    async () => {
      const dataDir = temporaryFolder();
      const before = await startPostgres({ dataDir, persistent: true, settings });
      await queryOnce(before.url, 'CREATE TABLE kept AS SELECT 1 AS one');
      await before.stop();
      chmodSync(dataDir, 0o755);
      execFileSync('chown', ['-R', 'nobody', join(dataDir, 'cluster'), join(dataDir, 'password')]);
      const after = await startPostgres({ dataDir, persistent: true, settings });
      expect(await queryOnce(after.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
      const asNobody = { uid: 65_534, gid: 65_534, cwd: '/' };
      const readable = ['', 'password', 'postgres.log', 'cluster/PG_VERSION'].filter(
        (name) => spawnSync('test', ['-r', join(dataDir, name)], asNobody).status === 0,
      );
      expect(readable).toEqual([]);
      expect(statSync(`/proc/${after.pid}`).uid).not.toBe(65_534);
      await after.stop();
    },
  );

  it('is durable unless told otherwise', async () => {
    const postgres = await startPostgres({ dataDir: temporaryFolder(), persistent: false });
    expect(await queryOnce(postgres.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    expect(await queryOnce(postgres.url, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    await postgres.stop();
  });

  it('refuses a folder that a live process works in, and leaves that one alone', async () => {
    const dataDir = temporaryFolder();
    const running = await startPostgres({ dataDir, persistent: false, settings });
    const refusal = await startPostgres({ dataDir, persistent: false, settings }).catch(
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(EmbeddedError);
    expect((refusal as EmbeddedError).isInUse()).toBe(true);
    expect(await queryOnce(running.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await running.stop();
  });

  it('tells with the end of its log why it did not start', async () => {
    const postgres = await startPostgres({ dataDir: temporaryFolder(), persistent: false, settings });
    const onTakenPort = startPostgres({
      dataDir: temporaryFolder(),
      port: postgres.port,
      persistent: false,
      settings,
    });
    await expect(onTakenPort).rejects.toThrow(/Postgres did not start[^]*Address already in use/);
    await postgres.stop();
  });

  it('deletes what is not to be kept', async () => {
    const dataDir = join(temporaryFolder(), 'postgres');
    const postgres = await startPostgres({ dataDir, persistent: false, settings });
    await postgres.stop();
    await expect(stat(dataDir)).rejects.toThrow('ENOENT');
  });
});
