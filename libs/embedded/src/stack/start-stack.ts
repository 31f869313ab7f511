import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppName } from '../apps/app-name.js';
import { reclaimApp, startApp, type AppProcess } from '../apps/start-app.js';
import { openCredentials, type StackCredentials } from '../credentials/open-credentials.js';
import { startNatsServer, type NatsServer } from '../nats/start-nats-server.js';
import { startPostgres, type Postgres } from '../postgres/start-postgres.js';
import { portFor, type PortWish } from '../process/free-port.js';
import { appAddresses } from './app-addresses.js';
import { prepareDataDir } from './data-folder.js';
import { keepPorts, movedPorts, readKeptPorts, type MovedPort, type StackPorts } from './kept-ports.js';
import type { Stack, StackOptions } from './stack.js';

/**
 * Starts the stack, with an up-to-date database. Resolves when every process is ready to work; if one does
 * not start, stops the others and fails.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const agentUser = variableOfDaemons('PATCHPOINT_AGENT_USER', options);
  const stack = new RunningStack(options, await prepareDataDir(options.dataDir, agentUser));
  try {
    await stack.start();
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Undefined: it is not set, or empty. */
function variableOfDaemons(name: string, { environment }: StackOptions): string | undefined {
  return (environment?.['daemon-agent']?.[name] ?? process.env[name]) || undefined;
}

class RunningStack implements Stack {
  readonly runDir: string;
  readonly apps: AppProcess[] = [];
  movedPorts: readonly MovedPort[] = [];
  credentials: StackCredentials | undefined;
  private httpPort = 0;
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
    const kept = this.isKept ? await readKeptPorts(this.dataDir) : undefined;
    if (this.options.isOpen !== true) this.credentials = await this.openCredentials();
    this.report('starting Postgres and nats-server');
    await allOrFirstError([
      this.bringUpPostgres(kept && { lasting: kept.postgres }),
      this.bringUpNats(join(this.dataDir, 'nats'), kept && { lasting: kept.nats }),
    ]);
    this.httpPort = await this.chooseHttpPort(kept);
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
    if (kept !== undefined) await this.keepPorts(kept);
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
    return this.bringUpNats(dataDir, port);
  }

  async restartPostgres(): Promise<Postgres> {
    return this.bringUpPostgres(this.postgres.port);
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
    if (!this.isKept) {
      await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  private get isKept(): boolean {
    return this.options.dataDir !== undefined;
  }

  private async bringUpPostgres(port: PortWish | undefined): Promise<Postgres> {
    const starting = startPostgres({
      dataDir: join(this.dataDir, 'postgres'),
      persistent: this.isKept,
      port,
    });
    return this.keep(starting, (postgres) => (this.startedPostgres = postgres));
  }

  private async bringUpNats(dataDir: string, port: PortWish | undefined): Promise<NatsServer> {
    const configFile = this.credentials?.files.natsServer;
    return this.keep(startNatsServer({ dataDir, port, configFile }), (nats) => (this.startedNats = nats));
  }

  /** 0: the kernel's choice. */
  private async chooseHttpPort(kept: Partial<StackPorts> | undefined): Promise<number> {
    const { httpPort } = this.options;
    if (httpPort || kept === undefined) return httpPort ?? 0;
    await reclaimApp(this.runDir, 'patch-store'); // it would hold the port that we come back to
    return portFor({ lasting: httpPort === 0 ? undefined : kept.patchStore });
  }

  /** Now that all of them work. */
  private async keepPorts(kept: Partial<StackPorts>): Promise<void> {
    const ports = {
      patchStore: Number(new URL(this.patchStore.url).port),
      nats: this.nats.port,
      postgres: this.postgres.port,
    };
    const wasGiven = this.options.httpPort !== undefined;
    this.movedPorts = movedPorts(kept, ports).filter(({ server }) => server !== 'patchStore' || !wasGiven);
    keepPorts(this.dataDir, ports);
  }

  private addresses(): { natsUrl: string; databaseUrl: string } {
    return { natsUrl: this.nats.url, databaseUrl: this.postgres.url };
  }

  private openCredentials(): Promise<StackCredentials> {
    const pool = variableOfDaemons('PATCHPOINT_POOL', this.options) ?? 'default';
    const daemons = this.options.daemonIds.map((daemonId) => ({ daemonId, pool }));
    return openCredentials(this.dataDir, daemons, this.options.apiToken);
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
        ...appAddresses(app, name, this.addresses(), this.credentials),
        ...(name === 'patch-store' && { PATCHPOINT_HTTP_PORT: String(this.httpPort) }),
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
