import { Logger, type OnApplicationBootstrap } from '@nestjs/common';
import {
  JetStreamApiError,
  type Consumer,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { NatsClient } from '../connection/nats-client.js';
import {
  consumerDeclarations,
  daemonConsumers,
  type ConsumerDeclaration,
  type ConsumerKey,
  type DaemonIdentity,
} from './consumers.js';
import { ensureConsumer, ensureStream, type EnsureOutcome } from './ensure-topology.js';
import { isMissing, unlessMissing } from './missing.js';
import { isAheadOfStream } from './rollback.js';
import { STREAMS, type StreamDeclaration } from './streams.js';

/**
 * Keeps the streams and consumers of streams.ts and consumers.ts in being: at start, and again whenever
 * someone finds one missing (a server that lost its store, a consumer deleted by hand). Safe in any number of
 * processes at once.
 *
 * What the server refuses to make or change is logged once, with the next step; the app continues with what
 * is there.
 */
export class Topology implements OnApplicationBootstrap {
  private readonly logger = new Logger('Topology');
  private readonly reported = new Set<string>();
  private running: Promise<void> | undefined;

  private readonly declarations: Partial<Record<ConsumerKey, ConsumerDeclaration>>;

  /**
   * @param replicas of each stream: 1, or 3 on a cluster
   * @param daemon which this process is; absent for a service. A daemon makes a stream that is missing, and
   *   never changes one: somebody's laptop, started without PATCHPOINT_STREAM_REPLICAS, would take a
   *   cluster's replicas away.
   * @param openCommands asks a service to make this daemon's consumers; for one that is confined
   */
  constructor(
    private readonly nats: NatsClient,
    private readonly replicas: number,
    private readonly daemon?: DaemonIdentity,
    private readonly openCommands?: () => Promise<unknown>,
  ) {
    this.declarations = consumerDeclarations(daemon);
  }

  /** A consumer as declared. Throws for one of a daemon in a process that is none: a mistake in the app. */
  declarationOf(key: ConsumerKey): ConsumerDeclaration {
    const declaration = this.declarations[key];
    if (declaration) return declaration;
    throw new Error(
      `This process has no consumer "${key}". Those of a daemon need \`daemon\` in MessagingModule.forRoot.`,
    );
  }

  onApplicationBootstrap(): void {
    this.ensureStreams().catch((error: unknown) => {
      this.logger.warn(
        `Cannot check the streams now: ${(error as Error).message}. They are checked when used.`,
      );
    });
  }

  /**
   * Makes or updates every stream, once NATS is there. Calls at the same time share one run.
   *
   * @throws the client's error when the server cannot be asked
   */
  ensureStreams(): Promise<void> {
    if (this.nats.isConfined) return Promise.resolve();
    this.running ??= this.ensureEachStream().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /**
   * A consumer to pull from: made, with its stream, when it is missing; recreated when its stream was rolled
   * back behind it. Where this process may not do that, a service is asked for what is missing.
   *
   * @throws the client's error when the server cannot be asked, or refuses
   */
  async consumer(declaration: ConsumerDeclaration): Promise<Consumer> {
    const manager = await this.nats.jetStreamManager();
    if (this.nats.isConfined) return this.givenConsumer(manager, declaration);
    await this.dropRolledBack(manager, declaration);
    try {
      return await this.ensuredConsumer(manager, declaration);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.ensureStreams();
      return this.ensuredConsumer(manager, declaration);
    }
  }

  /**
   * Whether a consumer can no longer bring messages as it is: it is missing, or its stream was rolled back
   * behind it.
   */
  async isBroken(declaration: ConsumerDeclaration): Promise<boolean> {
    const manager = await this.nats.jetStreamManager();
    const { stream, durableName } = declaration;
    const info = await unlessMissing(manager.consumers.info(stream, durableName));
    if (info === undefined || this.nats.isConfined) return info === undefined;
    return isAheadOfStream(manager, declaration);
  }

  /** Makes the consumers of a daemon's commands. May run again, and in several processes at once. */
  async ensureCommandConsumers(daemon: DaemonIdentity): Promise<void> {
    for (const declaration of Object.values(daemonConsumers(daemon))) await this.consumer(declaration);
  }

  private async givenConsumer(
    manager: JetStreamManager,
    { stream, durableName }: ConsumerDeclaration,
  ): Promise<Consumer> {
    const ask = (): Promise<ConsumerInfo> => manager.consumers.info(stream, durableName);
    const info = (await unlessMissing(ask())) ?? (await this.openCommands?.().then(ask)) ?? (await ask());
    return manager.jetstream().consumers.getConsumerFromInfo(info);
  }

  private async ensuredConsumer(
    manager: JetStreamManager,
    declaration: ConsumerDeclaration,
  ): Promise<Consumer> {
    const { info, outcome } = await ensureConsumer(manager, declaration);
    this.report(`Consumer ${declaration.durableName} of stream ${declaration.stream}`, outcome);
    return manager.jetstream().consumers.getConsumerFromInfo(info);
  }

  private async dropRolledBack(manager: JetStreamManager, declaration: ConsumerDeclaration): Promise<void> {
    if (!(await isAheadOfStream(manager, declaration))) return;
    this.logger.warn(
      `Stream ${declaration.stream} ends before what its consumer ${declaration.durableName} delivered: it was restored or rolled back. The consumer is recreated; what the stream holds is delivered again.`,
    );
    await manager.consumers.delete(declaration.stream, declaration.durableName);
  }

  private async ensureEachStream(): Promise<void> {
    const manager = await this.nats.jetStreamManager();
    for (const stream of Object.values(STREAMS)) await this.ensureOne(manager, stream);
  }

  private async ensureOne(manager: JetStreamManager, stream: StreamDeclaration): Promise<void> {
    try {
      if (this.daemon && (await unlessMissing(manager.streams.info(stream.name)))) return;
      const outcome = await ensureStream(manager, { ...stream, num_replicas: this.replicas });
      this.report(`Stream ${stream.name}`, outcome);
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) throw error;
      this.once(`${stream.name} ${error.code}`, () =>
        this.logger.error(
          `Stream ${stream.name} cannot be made: ${error.message} (${error.code}). Messages for it fail until it exists. Give JetStream more storage (max_file_store), set PATCHPOINT_STREAM_REPLICAS to what the cluster has, or create it by hand with \`nats stream add ${stream.name}\`.`,
        ),
      );
    }
  }

  private report(subject: string, outcome: EnsureOutcome): void {
    switch (outcome.kind) {
      case 'unchanged':
        return;
      case 'created':
      case 'updated':
        this.logger.log(`${subject} ${outcome.kind}.`);
        return;
      case 'created-smaller':
        this.logger.warn(
          `${subject} created with ${Math.floor(outcome.maxBytes / 1024 / 1024)} MiB, less than declared: JetStream has no more storage. Free some disk or raise max_file_store, then restart one app.`,
        );
        return;
      case 'differs':
        this.once(`${subject} ${outcome.fields.join()}`, () =>
          this.logger.warn(
            `${subject} is not as declared in ${outcome.fields.join(', ')}, and the server does not change that: ${outcome.cause.message}. It is used as it is. To bring it up to date, let it run empty, delete it (\`nats stream rm\` or \`nats consumer rm\`) and restart one app.`,
          ),
        );
    }
  }

  private once(what: string, log: () => void): void {
    if (this.reported.has(what)) return;
    this.reported.add(what);
    log();
  }
}
