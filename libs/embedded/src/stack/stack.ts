import type { AppName } from '../apps/app-name.js';
import type { AppProcess } from '../apps/start-app.js';
import type { StackCredentials } from '../credentials/open-credentials.js';
import type { NatsServer } from '../nats/start-nats-server.js';
import type { Postgres } from '../postgres/start-postgres.js';
import type { MovedPort } from './kept-ports.js';

export interface StackOptions {
  /**
   * Keeps everything between two starts, ports included while they are free. Default: a temporary folder,
   * deleted by `stop()`.
   */
  readonly dataDir?: string;
  /** patch-store's port, whatever it was the last time; 0: a new one. */
  readonly httpPort?: number | undefined;
  readonly ingestReplicas: number;
  /** One daemon-agent each. */
  readonly daemonIds: readonly string[];
  /**
   * Any user of this machine may ask patch-store and speak on NATS: for tests, which do so themselves.
   * Default: only who has the credentials of the data folder.
   */
  readonly isOpen?: boolean;
  /** The token that requests to patch-store bring, in the place of the one in the data folder. */
  readonly apiToken?: string | undefined;
  /** Variables for the processes of an app, in addition to those that the stack sets. */
  readonly environment?: Readonly<Partial<Record<AppName, Readonly<Record<string, string>>>>>;
  /** Called with a short description of each step. */
  readonly onProgress?: (step: string) => void;
}

/** A whole Patchpoint on this machine: Postgres, nats-server and the apps, a process each, on 127.0.0.1. */
export interface Stack {
  readonly dataDir: string;
  /** A log file per app. */
  readonly runDir: string;
  /** The ports of the last time that were taken, and those in their place. */
  readonly movedPorts: readonly MovedPort[];
  /** Absent: it is open. */
  readonly credentials: StackCredentials | undefined;
  readonly postgres: Postgres;
  readonly nats: NatsServer;
  readonly patchStore: AppProcess;
  /** Every app that was started and not stopped through {@link Stack}, including agents. */
  readonly apps: readonly AppProcess[];
  /** The running daemon-agent with that id. */
  agent(daemonId: string): AppProcess;
  /** The state folder of that daemon. */
  stateDirOf(daemonId: string): string;
  /** Starts another daemon-agent, or restarts one that was killed. */
  startAgent(daemonId: string, environment?: Readonly<Record<string, string>>): Promise<AppProcess>;
  /** Starts another service, or restarts one that was killed; `name` distinguishes replicas. */
  startService(
    app: Exclude<AppName, 'daemon-agent'>,
    name?: string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<AppProcess>;
  /** Restarts nats-server after it was killed: the same port and folder. */
  restartNats(): Promise<NatsServer>;
  /** Restarts Postgres after it was killed: the same port and folder. */
  restartPostgres(): Promise<Postgres>;
  /** Stops all of it: agents, services, nats-server, Postgres. May be called twice. */
  stop(): Promise<void>;
}
