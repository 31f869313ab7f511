import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, startNatsServer, type NatsServer } from '#embedded';
import { NatsClient } from '#messaging';
import { afterEverything, eventually, temporaryFolder } from '#testing';

const NAMES = ['one', 'two', 'three'] as const;

/** Three nats-servers on loopback, with JetStream, each with a store of its own. */
export class NatsCluster {
  private readonly servers = new Map<string, NatsServer>();

  private constructor(
    private readonly folder: string,
    private readonly routePorts: readonly number[],
  ) {}

  /** Resolves when JetStream answers: the three have elected a leader. */
  static async start(): Promise<NatsCluster> {
    const routePorts = await Promise.all(NAMES.map(findFreePort));
    const cluster = new NatsCluster(temporaryFolder(), routePorts);
    try {
      for (const name of NAMES) await cluster.startServer(name);
      await cluster.untilElected();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The three addresses, separated by commas. */
  get url(): string {
    return [...this.servers.values()].map(({ url }) => url).join(',');
  }

  /** SIGKILL for the server that leads this stream; resolves to its name, for {@link restart}. */
  async killLeader(stream: string): Promise<string> {
    // Between two leaders there is none for a moment.
    const leader = await eventually(async () => {
      const name = await this.ask(async (nats) => {
        const manager = await nats.jetStreamManager();
        return (await manager.streams.info(stream)).cluster?.leader;
      });
      if (!this.servers.has(name ?? ''))
        throw new Error(`${stream} is led by none of the three, but ${name}.`);
      return name!;
    });
    const server = this.servers.get(leader)!;
    await server.kill();
    return leader;
  }

  /** Starts a killed server again: the same ports and store. */
  async restart(name: string): Promise<void> {
    await this.startServer(name, this.servers.get(name)!.port);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers.values()].map((server) => server.stop()));
  }

  /** On a connection of its own, which no kill has cut. */
  async ask<T>(question: (nats: NatsClient) => Promise<T>): Promise<T> {
    const nats = new NatsClient({ url: this.url }, 'spec');
    try {
      return await eventually(() => question(nats), { timeoutMs: 60_000 });
    } finally {
      await nats.close();
    }
  }

  private async startServer(name: string, port?: number): Promise<void> {
    const dataDir = join(this.folder, name);
    mkdirSync(dataDir, { recursive: true });
    const configFile = join(dataDir, 'nats.conf');
    const routePort = this.routePorts[NAMES.findIndex((known) => known === name)]!;
    const routes = this.routePorts.map((peer) => `nats-route://127.0.0.1:${peer}`).join(', ');
    writeFileSync(
      configFile,
      `server_name: ${name}\ncluster { name: faults, listen: "127.0.0.1:${routePort}", routes: [${routes}] }\n`,
    );
    const server = await startNatsServer({ dataDir, configFile, ...(port !== undefined && { port }) });
    this.servers.set(name, server);
  }

  private async untilElected(): Promise<void> {
    await this.ask(async (nats) => (await nats.jetStreamManager()).getAccountInfo());
  }
}

/** The function returned starts one; it is stopped after everything that was declared before this call. */
export function useNatsCluster(): () => Promise<NatsCluster> {
  let cluster: NatsCluster | undefined;
  afterEverything(async () => {
    await cluster?.stop();
  });
  return async () => (cluster = await NatsCluster.start());
}
