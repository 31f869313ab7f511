import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError } from '../embedded-error.js';
import type { ChildHandle } from '../process/child-handle.js';
import { portFor, type PortWish } from '../process/free-port.js';
import { lastLinesOf } from '../process/last-lines.js';
import { forgetServer, reclaimServer, recordServer } from '../process/server-record.js';
import { spawnServer } from '../process/spawn-server.js';
import { initializeCluster, superuser, type Cluster } from './initialize-cluster.js';
import { findPostgresPrograms } from './postgres-programs.js';
import { reachableDataDir, reachablePrograms, removeDataDir } from './reachable-place.js';
import { findServerUser, type ServerUser } from './server-user.js';

/** Crash recovery replays the log before the server is ready, so this limit is generous. */
const startTimeoutSeconds = 120;
/** Postgres' "fast" shutdown: clients are disconnected, transactions rolled back, data written. */
const stopSignal = 'SIGINT';

export interface PostgresOptions {
  /**
   * Holds the cluster, its password (mode 0600), the log and the record of the running server. Created if
   * missing.
   */
  readonly dataDir: string;
  /** For a restart that clients must find again. Default: a free one. */
  readonly port?: PortWish | undefined;
  /** Keep the data folder after `stop()`. */
  readonly persistent: boolean;
  /** Postgres settings by name, e.g. `{ fsync: 'off' }` for tests. Default: durable. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running Postgres, on 127.0.0.1 only. */
export interface Postgres extends ChildHandle {
  /** `postgresql://USER:PASSWORD@127.0.0.1:PORT/postgres`, as a superuser. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
}

const defaultSettings = { fsync: 'on', synchronous_commit: 'on', max_connections: '200' };

/**
 * Starts a Postgres on a data folder; resolves when it accepts connections. A folder that was used before
 * keeps its data and password, even after a crash: a server that a dead process left running there is stopped
 * first.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const user = findServerUser();
  const dataDir = resolve(options.dataDir);
  const settings = { ...defaultSettings, ...options.settings };
  const programs = await reachablePrograms(findPostgresPrograms(), user);
  const place = await reachableDataDir(dataDir, user);
  const recordFile = join(place, 'server.json');
  const logFile = join(place, 'postgres.log');
  await reclaimServer(recordFile, `Postgres on ${dataDir}`, stopSignal);
  const cluster = await initializeCluster({ place, programs, user, syncToDisk: settings.fsync !== 'off' });

  const { server, port } = await startServer({
    programs,
    cluster,
    user,
    settings,
    logFile,
    port: options.port,
  });
  await recordServer(recordFile, server.pid);
  return {
    ...server,
    url: `postgresql://${superuser}:${cluster.password}@127.0.0.1:${port}/postgres`,
    port,
    dataDir,
    stop: async (graceSeconds) => {
      await server.stop(graceSeconds);
      await forgetServer(recordFile);
      if (!options.persistent) await removeDataDir(dataDir);
    },
  };
}

interface StartOptions {
  readonly programs: string;
  readonly cluster: Cluster;
  readonly user: ServerUser | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly port: PortWish | undefined;
}

/**
 * Starts the server; tries again if the free port was taken in the meantime or a killed predecessor is not
 * quite gone.
 */
async function startServer(options: StartOptions): Promise<{ server: ChildHandle; port: number }> {
  const deadline = Date.now() + startTimeoutSeconds * 1000;
  for (;;) {
    const port = await portFor(options.port);
    const logStart = await sizeOf(options.logFile);
    const server = await spawnServer({
      what: 'Postgres',
      command: join(options.programs, 'bin', 'postgres'),
      args: postgresArguments(options, port),
      environment: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      user: options.user,
      logFile: options.logFile,
      stopSignal,
    });
    if (await becomesReady(server, join(options.cluster.dir, 'postmaster.pid'), deadline))
      return { server, port };
    await server.kill();
    const log = (await readFile(options.logFile, 'utf8')).slice(logStart);
    const mayPass = /shared memory block .* is still in use|Address already in use/.test(log);
    if (
      !mayPass ||
      Date.now() > deadline ||
      (typeof options.port === 'number' && /Address already in use/.test(log))
    ) {
      throw new EmbeddedError(
        `Postgres did not start on ${options.cluster.dir}. The end of ${options.logFile}:\n` +
          (await lastLinesOf(options.logFile)),
      );
    }
    await sleep(100);
  }
}

function postgresArguments(options: StartOptions, port: number): string[] {
  const settings = {
    ...options.settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
  };
  return [
    '-D',
    options.cluster.dir,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/**
 * Waits for the status that Postgres writes for `pg_ctl --wait` to line 8 of its pid file. False if it ended.
 */
async function becomesReady(server: ChildHandle, pidFile: string, deadline: number): Promise<boolean> {
  while (!server.hasExited() && Date.now() < deadline) {
    const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
    if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return true;
    await sleep(10);
  }
  return false;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}
