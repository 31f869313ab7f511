import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError } from '../embedded-error.js';
import { privateFolder } from '../privacy/private-files.js';
import type { ChildHandle } from '../process/child-handle.js';
import { portFor, type PortWish } from '../process/free-port.js';
import { lastLinesOf } from '../process/last-lines.js';
import { forgetServer, reclaimServer, recordServer } from '../process/server-record.js';
import { spawnServer } from '../process/spawn-server.js';
import { findNatsServer } from './find-nats-server.js';

const startTimeoutSeconds = 30;
const stopSignal = 'SIGTERM';

export interface NatsServerOptions {
  /** Holds the JetStream store, the log and the record of the running server. Created if missing. */
  readonly dataDir: string;
  /** For a restart that clients must find again. Default: a free one. */
  readonly port?: PortWish | undefined;
  /** For example users and permissions. Address, port and store are set here. */
  readonly configFile?: string | undefined;
  /** The program. Default: {@link findNatsServer}. */
  readonly binary?: string;
}

/** A running nats-server with JetStream, on 127.0.0.1 only. */
export interface NatsServer extends ChildHandle {
  /** `nats://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
}

/**
 * Starts a nats-server on a data folder; resolves when it accepts connections. The store survives a stop and
 * a kill. A server that an earlier, dead process left behind in the folder is stopped first.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const dataDir = resolve(options.dataDir);
  const recordFile = join(dataDir, 'server.json');
  const logFile = join(dataDir, 'nats-server.log');
  privateFolder(dataDir);
  await reclaimServer(recordFile, `nats-server on ${dataDir}`, stopSignal);
  await removePortsFiles(dataDir);

  const server = await spawnServer({
    what: 'nats-server',
    command: options.binary ?? findNatsServer(),
    args: [
      '--addr=127.0.0.1',
      `--port=${options.port === undefined ? -1 : await portFor(options.port)}`,
      '--jetstream',
      `--store_dir=${dataDir}`,
      `--ports_file_dir=${dataDir}`,
      ...(options.configFile === undefined ? [] : [`--config=${options.configFile}`]),
    ],
    environment: process.env,
    logFile,
    stopSignal,
  });
  try {
    await recordServer(recordFile, server.pid);
    const url = await waitForAddress(server, join(dataDir, `nats-server_${server.pid}.ports`), logFile);
    return {
      ...server,
      url,
      port: Number(new URL(url).port),
      dataDir,
      stop: async (graceSeconds) => {
        await server.stop(graceSeconds);
        await forgetServer(recordFile);
      },
    };
  } catch (error) {
    await server.kill();
    await forgetServer(recordFile);
    throw error;
  }
}

/** A killed server leaves its ports file, and a later one may be given the same process id. */
async function removePortsFiles(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => name.endsWith('.ports'));
  await Promise.all(names.map((name) => rm(join(dataDir, name), { force: true })));
}

async function waitForAddress(server: ChildHandle, portsFile: string, logFile: string): Promise<string> {
  const deadline = Date.now() + startTimeoutSeconds * 1000;
  while (!server.hasExited() && Date.now() < deadline) {
    const url = await readAddress(portsFile);
    if (url !== undefined) return url;
    await sleep(10);
  }
  const problem = server.hasExited() ? 'exited at once' : `was not ready after ${startTimeoutSeconds} s`;
  throw new EmbeddedError(`nats-server ${problem}. The end of ${logFile}:\n${await lastLinesOf(logFile)}`);
}

async function readAddress(portsFile: string): Promise<string | undefined> {
  try {
    const ports = JSON.parse(await readFile(portsFile, 'utf8')) as { nats?: string[] };
    return ports.nats?.[0];
  } catch {
    return undefined; // not there yet, or half written
  }
}
