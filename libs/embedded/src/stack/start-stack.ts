import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AppName } from '../apps/app-name.js';
import { startApp, type AppProcess } from '../apps/start-app.js';
import { startNatsServer, type NatsServer } from '../nats/start-nats-server.js';
import { startPostgres, type Postgres } from '../postgres/start-postgres.js';

export interface StackOptions {
  /** Keeps everything between two starts. Default: a temporary folder, deleted by `stop()`. */
  readonly dataDir?: string;
  readonly ingestReplicas: number;
  /** One daemon-agent each. */
  readonly daemonIds: readonly string[];
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

/**
 * Starts the stack, with an up-to-date database. Resolves when every process is ready to work; if one does
 * not start, stops the others and fails.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const stack = new RunningStack(options, await prepareDataDir(options.dataDir));
  try {
    await stack.start();
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function prepareDataDir(dataDir: string | undefined): Promise<string> {
  if (dataDir !== undefined) {
    await mkdir(dataDir, { recursive: true });
    return resolve(dataDir);
  }
  const temporary = await mkdtemp(join(tmpdir(), 'patchpoint-'));
  await chmod(temporary, 0o711); // started by root, Postgres runs as another user and must get in
  return temporary;
}

class RunningStack implements Stack {
  readonly runDir: string;
  readonly apps: AppProcess[] = [];
  private startedPostgres: Postgres | undefined;
  private startedNats: NatsServer | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly options: StackOptions,
    readonly dataDir: string,
  ) {
    this.runDir = join(dataDir, 'run');
  }

  get postgres(): Postgres {
    return required(this.startedPostgres, 'Postgres');
  }

  get nats(): NatsServer {
    return required(this.startedNats, 'nats-server');
  }

  get patchStore(): AppProcess {
    return required(
      this.apps.find(({ app }) => app === 'patch-store'),
      'patch-store',
    );
  }

  agent(daemonId: string): AppProcess {
    return required(
      this.apps.find(({ app, name }) => app === 'daemon-agent' && name === daemonId),
      `daemon-agent ${daemonId}`,
    );
  }

  stateDirOf(daemonId: string): string {
    return join(this.dataDir, 'agents', daemonId);
  }

  async start(): Promise<void> {
    this.report('starting Postgres and nats-server');
    await allOrFirstError([
      this.keep(startPostgres(this.postgresOptions()), (postgres) => (this.startedPostgres = postgres)),
      this.keep(
        startNatsServer({ dataDir: join(this.dataDir, 'nats') }),
        (nats) => (this.startedNats = nats),
      ),
    ]);
    this.report('migrating the database');
    const { migrate } = await import('#database'); // loads TypeORM, which users of single servers do not need
    await migrate(this.postgres.url);

    this.report('starting checkpoint-ingest, patch-store and janitor');
    const ingestNames = Array.from(
      { length: this.options.ingestReplicas },
      (_, i) => `checkpoint-ingest-${i + 1}`,
    );
    await allOrFirstError([
      ...ingestNames.map((name) => this.startApp('checkpoint-ingest', name)),
      this.startApp('patch-store'),
      this.startApp('janitor'),
    ]);
    this.report(`starting daemon-agents ${this.options.daemonIds.join(', ')}`);
    await allOrFirstError(this.options.daemonIds.map((daemonId) => this.startAgent(daemonId)));
  }

  async startAgent(
    daemonId: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<AppProcess> {
    return this.startApp('daemon-agent', daemonId, {
      PATCHPOINT_DAEMON_ID: daemonId,
      PATCHPOINT_STATE_DIR: this.stateDirOf(daemonId),
      ...environment,
    });
  }

  startService(
    app: AppName,
    name?: string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<AppProcess> {
    return this.startApp(app, name, environment);
  }

  async restartNats(): Promise<NatsServer> {
    const { dataDir, port } = this.nats;
    return this.keep(startNatsServer({ dataDir, port }), (nats) => (this.startedNats = nats));
  }

  async restartPostgres(): Promise<Postgres> {
    const { port } = this.postgres;
    return this.keep(
      startPostgres({ ...this.postgresOptions(), port }),
      (postgres) => (this.startedPostgres = postgres),
    );
  }

  async stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    return this.stopping;
  }

  private async stopInOrder(): Promise<void> {
    const [agents, services] = [
      this.apps.filter(({ app }) => app === 'daemon-agent'),
      this.apps.filter(({ app }) => app !== 'daemon-agent'),
    ];
    await Promise.all(agents.map((agent) => agent.stop()));
    await Promise.all(services.map((service) => service.stop()));
    await this.startedNats?.stop();
    await this.startedPostgres?.stop();
    if (this.options.dataDir === undefined) {
      await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  private postgresOptions(): Parameters<typeof startPostgres>[0] {
    return { dataDir: join(this.dataDir, 'postgres'), persistent: this.options.dataDir !== undefined };
  }

  private async startApp(
    app: AppName,
    name: string = app,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<AppProcess> {
    const starting = startApp({
      app,
      name,
      runDir: this.runDir,
      environment: {
        NATS_URL: this.nats.url,
        // An agent runs other people's programs, and must not have access to the database.
        ...(app !== 'daemon-agent' && { DATABASE_URL: this.postgres.url }),
        ...this.options.environment?.[app],
        ...environment,
      },
    });
    return this.keep(starting, (started) => {
      // A restarted agent replaces the one that was killed.
      const previous = this.apps.findIndex((running) => running.name === name);
      if (previous === -1) this.apps.push(started);
      else this.apps[previous] = started;
    });
  }

  /** Records what has started, so that `stop()` finds it even if its siblings failed. */
  private async keep<T>(starting: Promise<T>, note: (started: T) => void): Promise<T> {
    const started = await starting;
    note(started);
    return started;
  }

  private report(step: string): void {
    this.options.onProgress?.(step);
  }
}

/** Waits until all have settled, so that nothing is still starting when the first failure is handled. */
async function allOrFirstError(promises: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The stack has no running ${what}.`);
  return value;
}
