import {
  Injectable,
  Logger,
  Optional,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import { compose, IntakeChanged, NO_DAEMON, subjects, type IntakeKind } from '#contracts';
import { countDeadLetters, Database, listParkedAmounts } from '#database';
import {
  JetStreamStrategy,
  NatsClient,
  oldestUnsettled,
  STALLED_AFTER_SECONDS,
  Topology,
  type ConsumerKey,
  type Unsettled,
} from '#messaging';
import { Readiness } from '#runtime';
import {
  deadLetters,
  oldestAgeSeconds,
  parkedBytes,
  parkedMessages,
  showTop,
  TOP_DAEMONS,
} from './metrics.js';
import { OutboxTransaction } from './outbox-transaction.js';

const CHECK_MILLISECONDS = 5000;

/** Namespace of the ids of these events: replicas that see the same stall announce the same event. */
const NAMESPACE = '0f5ad1a6-3c2f-4b43-9a50-6a5f5b0f6d17';

/**
 * Sees when messages are no longer handled: the age of the oldest is a metric, and above a minute this app is
 * degraded and an event says so. Any number of replicas watch.
 */
@Injectable()
export class IntakeWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(IntakeWatch.name);
  private readonly stalled = new Map<ConsumerKey, Unsettled>();
  /** Stalls that were announced: the place of the message that began each. */
  private readonly announced = new Map<ConsumerKey, number>();
  /** A test does not wait for a minute. */
  stalledAfterSeconds = STALLED_AFTER_SECONDS;
  private timer: NodeJS.Timeout | undefined;
  private isChecking = false;

  constructor(
    private readonly nats: NatsClient,
    private readonly topology: Topology,
    private readonly consumers: JetStreamStrategy,
    private readonly database: Database,
    private readonly outbox: OutboxTransaction,
    @Optional() readiness?: Readiness,
  ) {
    readiness?.addWarning('intake', () => this.warning());
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.check(), CHECK_MILLISECONDS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Looks once. Never throws. */
  async check(): Promise<void> {
    if (this.isChecking) return;
    this.isChecking = true;
    try {
      for (const key of this.consumers.keysWithAside()) await this.look(key);
      await this.showDaemons();
    } catch (error) {
      this.logger.debug({ msg: 'the intake could not be looked at', err: error });
    } finally {
      this.isChecking = false;
    }
  }

  private warning(): string | undefined {
    const [first] = this.stalled;
    if (!first) return undefined;
    const [key, { messages, oldestAgeSeconds }] = first;
    return `${messages} messages of consumer ${key} wait, the oldest for ${Math.round(oldestAgeSeconds)} s`;
  }

  private async look(key: ConsumerKey): Promise<void> {
    if (!this.nats.isConnected()) return;
    const { stream } = this.topology.declarationOf(key);
    const unsettled = await oldestUnsettled(await this.nats.jetStreamManager(), stream);
    oldestAgeSeconds.set({ consumer: key }, unsettled.oldestAgeSeconds);
    if (unsettled.oldestAgeSeconds > this.stalledAfterSeconds) {
      this.stalled.set(key, unsettled);
      if (!this.announced.has(key)) {
        await this.announce(key, 'intake-stalled', unsettled, unsettled.oldestSequence);
        this.announced.set(key, unsettled.oldestSequence);
      }
      return;
    }
    this.stalled.delete(key);
    const begun = this.announced.get(key);
    if (begun === undefined) return;
    await this.announce(key, 'intake-recovered', unsettled, begun);
    this.announced.delete(key);
  }

  private async announce(
    key: ConsumerKey,
    kind: IntakeKind,
    { messages, oldestAgeSeconds }: Unsettled,
    begun: number,
  ): Promise<void> {
    const eventId = uuidv5(`${kind} ${key} ${begun}`, NAMESPACE);
    const payload = compose(IntakeChanged, {
      eventId,
      kind,
      consumer: key,
      oldestAgeSeconds: Math.round(oldestAgeSeconds),
      messages,
      at: new Date().toISOString(),
    });
    this.logger.warn({ msg: kind, ...payload });
    const subject = subjects.event(NO_DAEMON, NO_DAEMON, kind);
    await this.outbox.run((_manager, announce) =>
      announce([{ taskId: null, subject, messageId: eventId, payload }]),
    );
  }

  private async showDaemons(): Promise<void> {
    const { manager } = this.database;
    const parked = await listParkedAmounts(manager, TOP_DAEMONS);
    showTop(parkedMessages, parked, ({ messages }) => messages);
    showTop(parkedBytes, parked, ({ bytes }) => bytes);
    showTop(deadLetters, await countDeadLetters(manager, TOP_DAEMONS), ({ letters }) => letters);
  }
}
