import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { EmbeddedError } from '../embedded-error.js';
import { openPrivately, privateFolder } from '../privacy/private-files.js';
import { handleOf, type ChildHandle, type ExitStatus } from '../process/child-handle.js';
import { lastLinesOf } from '../process/last-lines.js';
import { forgetServer, reclaimServer, recordServer } from '../process/server-record.js';
import type { AppName } from './app-name.js';
import { builtApp } from './built-app.js';
import { nodeFlags } from './node-flags.js';

const startTimeoutSeconds = 60;
const stopSignal = 'SIGTERM';

export interface AppOptions {
  readonly app: AppName;
  /** Distinguishes replicas, in messages and file names. Default: the app's name. */
  readonly name?: string;
  /** Variables of the app, in addition to ours. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Holds `NAME.log`, which is appended to, and `NAME.json`, the record of the process. Created if missing.
   */
  readonly runDir: string;
  /** Called with the messages of the app to the process that started it, except that it listens. */
  readonly onMessage?: (message: unknown) => void;
}

/** A running app. It stops automatically when this process is gone. */
export interface AppProcess extends ChildHandle {
  readonly app: AppName;
  readonly name: string;
  /** `http://127.0.0.1:PORT`: `/healthz`, `/readyz`, `/metrics`, and anything else that the app serves. */
  readonly url: string;
  readonly logFile: string;
  /** Sends it a message over IPC. Lost, when it has ended. */
  send(message: object): void;
  /** Resolves when it has ended and all that it said has been heard. */
  readonly lastWord: Promise<void>;
}

/**
 * Starts a compiled app as a child process on a free loopback port; resolves when it reports that it is ready
 * to work. Fails with the end of its log if it ends or takes too long. A process of the same name that a dead
 * owner left behind in `runDir` is stopped first.
 */
export async function startApp(options: AppOptions): Promise<AppProcess> {
  const { app, name = app, runDir } = options;
  const recordFile = join(runDir, `${name}.json`);
  const logFile = join(runDir, `${name}.log`);
  const entry = builtApp(app);
  privateFolder(runDir);
  await reclaimApp(runDir, name);

  const { child, handle } = await forkApp(entry, nodeFlags(app), logFile, options.environment);
  const lastWord = new Promise<void>((resolve) => child.once('disconnect', resolve));
  if (options.onMessage) child.on('message', options.onMessage);
  try {
    await recordServer(recordFile, handle.pid);
    const url = await waitForAddress(child, handle, name, logFile);
    return {
      ...handle,
      app,
      name,
      url,
      logFile,
      lastWord,
      send: (message) => {
        if (child.connected) child.send(message, () => {});
      },
      stop: async (graceSeconds) => {
        await handle.stop(graceSeconds);
        await forgetServer(recordFile);
      },
    };
  } catch (error) {
    await handle.kill();
    await forgetServer(recordFile);
    throw error;
  }
}

/** Stops a process of that name that a dead owner left behind in `runDir`, as {@link startApp} does. */
export async function reclaimApp(runDir: string, name: string): Promise<void> {
  await reclaimServer(join(runDir, `${name}.json`), name, stopSignal);
}

async function forkApp(
  entry: string,
  execArgv: string[],
  logFile: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; handle: ChildHandle }> {
  const log = await openPrivately(logFile);
  try {
    const child = fork(entry, {
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      env: { ...process.env, PATCHPOINT_HTTP_HOST: '127.0.0.1', PATCHPOINT_HTTP_PORT: '0', ...environment },
      execArgv,
      // In its own process group: Ctrl-C must only reach us, because we stop things in order.
      detached: true,
    });
    return { child, handle: handleOf(child, stopSignal) };
  } finally {
    await log.close();
  }
}

async function waitForAddress(
  child: ChildProcess,
  handle: ChildHandle,
  name: string,
  logFile: string,
): Promise<string> {
  const timer = new AbortController();
  const late = AbortSignal.any([timer.signal, AbortSignal.timeout(startTimeoutSeconds * 1000)]);
  const outcome = await Promise.race([
    listeningMessage(child),
    handle.exited.then((status) => `ended ${describeExit(status)}`),
    new Promise<string>((resolve) => {
      late.addEventListener('abort', () => resolve(`was not ready after ${startTimeoutSeconds} s`));
    }),
  ]);
  timer.abort();
  if (typeof outcome !== 'string') return outcome.url;
  throw new EmbeddedError(
    `${name} ${outcome} while starting. The end of ${logFile}:\n${await lastLinesOf(logFile)}`,
  );
}

/** What an app sends to the process that started it when it is ready to work. */
interface ListeningMessage {
  readonly type: 'listening';
  readonly url: string;
}

async function listeningMessage(child: ChildProcess): Promise<ListeningMessage> {
  return new Promise((resolve) => {
    child.on('message', (message: Partial<ListeningMessage>) => {
      if (message.type === 'listening') resolve(message as ListeningMessage);
    });
  });
}

/** "with code 1", "by SIGKILL" */
export function describeExit(status: ExitStatus): string {
  return status.signal === null ? `with code ${status.code}` : `by ${status.signal}`;
}
