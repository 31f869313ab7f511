import {
  Inject,
  Logger,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { subjects } from '#contracts';
import {
  BlobStore,
  CoreListener,
  CorePublisher,
  JetStreamPublisher,
  MessagingModule,
  NatsClient,
  PullWhenFree,
  RpcClient,
} from '#messaging';
import { loggingModule, OperationsModule, Readiness } from '#runtime';
import type { AgentConfig } from './agent.config.js';
import { agentTransport } from './nats/agent-transport.js';
import { DaemonAgent } from './daemon-agent.js';
import { hearParent } from './report/hear-parent.js';
import { CommandsConsumer } from './nats/commands.consumer.js';

/**
 * Starts the agent when the app is up, and stops it in order: intake, tasks and their last captures, then
 * connections.
 */
@Module({})
export class AgentModule implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(AgentModule.name);
  private listeners: CoreListener[] = [];

  constructor(
    @Inject(DaemonAgent) private readonly agent: DaemonAgent,
    @Inject(NatsClient) private readonly nats: NatsClient,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.add('spool', () => agent.spool.requireRoom());
  }

  /** @param daemonId of this process; known before the modules are wired */
  static forRoot(config: AgentConfig, daemonId: string): DynamicModule {
    return {
      module: AgentModule,
      imports: [
        loggingModule({ app: 'daemon-agent', level: config.logLevel, daemonId }),
        OperationsModule,
        MessagingModule.forRoot({
          name: `daemon-agent ${daemonId}`,
          nats: config.nats,
          daemon: { daemonId, pool: config.pool },
        }),
      ],
      controllers: [CommandsConsumer],
      providers: [
        {
          provide: DaemonAgent,
          inject: [CorePublisher, JetStreamPublisher, PullWhenFree, BlobStore, RpcClient],
          useFactory: (
            core: CorePublisher,
            publisher: JetStreamPublisher,
            pull: PullWhenFree,
            blobs: BlobStore,
            rpc: RpcClient,
          ) =>
            DaemonAgent.open(
              config,
              daemonId,
              agentTransport(daemonId, { core, publisher, pull, blobs, rpc }),
            ),
        },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { daemonId, confirmations } = this.agent;
    this.listeners = [
      new CoreListener(subjects.event(daemonId, '*', '*'), ({ subject, data }) =>
        confirmations.take(subject, data),
      ),
      new CoreListener(subjects.blobsMissing(daemonId, '*'), async ({ subject, data }) =>
        this.agent.blobsMissing(subject, data),
      ),
    ];
    // Not awaited: NATS may be unreachable. Checkpoints sent before the subscriptions exist are confirmed
    // when they are sent again.
    void Promise.all(this.listeners.map((listener) => listener.start(this.nats))).then(
      () => this.agent.reconnected(),
      () => undefined, // the process stops before NATS was ever reachable
    );
    this.nats.onReconnect(() => this.agent.reconnected());
    this.nats.onLoss(() => this.agent.disconnected());
    hearParent((order) => void this.agent.obey(order));
    await this.agent.start();
    this.logger.log({ msg: 'daemon started', daemonId, stateDir: this.agent.folder.root });
  }

  async onModuleDestroy(): Promise<void> {
    await this.agent.stopIntake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.agent.finish();
    await Promise.all(this.listeners.map((listener) => listener.close()));
  }
}
