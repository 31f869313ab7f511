import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  jetstream,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
  type JetStreamOptions,
} from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { backoffMilliseconds } from '#runtime';
import { settledWithin } from '../settled-within.js';
import { connectionOptions, describeAddress, type NatsAddress } from './connection-options.js';
import { NotConnectedError } from './not-connected-error.js';

const FIRST_CONNECT_BACKOFF = { baseMilliseconds: 200, maxMilliseconds: 5_000 };

const DRAIN_TIMEOUT_MILLISECONDS = 5_000;

/** How long one request to JetStream's own API may take. */
const JETSTREAM_API_TIMEOUT_MILLISECONDS = 5_000;

/**
 * The process's one connection to NATS.
 *
 * An app starts whether or not NATS is there: `onModuleInit` only begins to connect, {@link isConnected}
 * feeds readiness, and whoever needs the connection awaits {@link connection}. Once made, the connection is
 * kept until the process stops; subscriptions survive a reconnect. One line is logged per change: connected,
 * lost, back.
 *
 * `onApplicationShutdown` (after all consumers have settled) drains and closes it. Everything here may be
 * called twice.
 */
export class NatsClient implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('NATS');
  private readonly stopping = new AbortController();
  private readonly reconnectListeners = new Set<() => void>();
  private readonly lossListeners = new Set<() => void>();
  private connecting: Promise<NatsConnection> | undefined;
  private current: NatsConnection | undefined;
  private connected = false;
  private closing: Promise<void> | undefined;

  /** @param name shown by the server for this connection, and the queue group of this app's replicas */
  constructor(
    private readonly address: NatsAddress,
    readonly name: string,
  ) {}

  onModuleInit(): void {
    this.connection().catch(() => {}); // fails only when the process stops before NATS was ever there
  }

  /** True while the server answers. */
  isConnected(): boolean {
    return this.connected;
  }

  /**
   * For readiness.
   *
   * @throws NotConnectedError
   */
  async requireConnected(): Promise<void> {
    if (!this.connected) throw this.notConnected();
  }

  /**
   * The connection, once it was made the first time. It may be interrupted at that moment: see {@link
   * isConnected}.
   *
   * @throws NotConnectedError when the process stops before it was made
   */
  connection(): Promise<NatsConnection> {
    this.connecting ??= this.connectUntilStopped();
    return this.connecting;
  }

  /** The connection if it is up now. For a publish that may be dropped: see {@link connectedWithin}. */
  connectionNow(): NatsConnection | undefined {
    return this.connected ? this.current : undefined;
  }

  /**
   * The connection when it is up now, or is up again before the time is over. Use it before a publish: while
   * the client is disconnected it buffers without limit.
   *
   * @param signal ends the wait early
   * @throws NotConnectedError
   */
  async connectedWithin(milliseconds: number, signal?: AbortSignal): Promise<NatsConnection> {
    const deadline = Date.now() + milliseconds;
    this.connection().catch(() => {});
    while (!this.current || !this.connected) {
      const left = deadline - Date.now();
      if (left <= 0 || this.stopping.signal.aborted || signal?.aborted) throw this.notConnected();
      await sleep(Math.min(50, left));
    }
    return this.current;
  }

  /** JetStream over {@link connection}: publish, pull. */
  async jetStream(): Promise<JetStreamClient> {
    return jetstream(await this.connection(), this.jetStreamOptions());
  }

  /** JetStream's administration over {@link connection}: streams, consumers, direct reads. */
  async jetStreamManager(): Promise<JetStreamManager> {
    return jetstreamManager(await this.connection(), { ...this.jetStreamOptions(), checkAPI: false });
  }

  /** Whether this process sees of JetStream only what its account imports. See {@link NatsAddress}. */
  get isConfined(): boolean {
    return this.address.jetStreamDomain !== undefined;
  }

  /** Calls `listener` each time a lost connection is back. Returns how to stop that. */
  onReconnect(listener: () => void): () => void {
    this.reconnectListeners.add(listener);
    return () => this.reconnectListeners.delete(listener);
  }

  /** Calls `listener` each time the connection is lost. Returns how to stop that. */
  onLoss(listener: () => void): () => void {
    this.lossListeners.add(listener);
    return () => this.lossListeners.delete(listener);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** Sends what is buffered, then closes. A server that does not answer is not waited for longer than 5 s. */
  async close(): Promise<void> {
    this.closing ??= this.drainAndClose();
    await this.closing;
  }

  /**
   * Retried here and not by the client's `waitOnFirstConnect`, because that can be neither cancelled nor
   * logged.
   */
  private async connectUntilStopped(): Promise<NatsConnection> {
    const { signal } = this.stopping;
    let reported = '';
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const connection = await connect(connectionOptions(this.address, this.name));
        if (signal.aborted) {
          await connection.close();
          break;
        }
        return this.adopt(connection);
      } catch (error) {
        const reason = (error as Error).message;
        if (reason !== reported) {
          this.logger.warn(
            `Cannot connect to NATS at ${describeAddress(this.address)}: ${reason}. Trying until it works; not ready meanwhile.`,
          );
          reported = reason;
        }
        await sleep(backoffMilliseconds(attempt, FIRST_CONNECT_BACKOFF), undefined, { signal }).catch(
          () => {},
        );
      }
    }
    throw this.notConnected();
  }

  private jetStreamOptions(): JetStreamOptions {
    const { jetStreamDomain: domain } = this.address;
    return { timeout: JETSTREAM_API_TIMEOUT_MILLISECONDS, ...(domain !== undefined && { domain }) };
  }

  private adopt(connection: NatsConnection): NatsConnection {
    this.current = connection;
    this.connected = true;
    this.logger.log(
      `Connected to NATS ${connection.info?.version ?? ''} at ${connection.getServer()} as "${this.name}".`,
    );
    this.followStatus(connection).catch((error: unknown) => this.logger.error(error));
    return connection;
  }

  private async followStatus(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        if (this.connected && !this.stopping.signal.aborted) {
          this.logger.warn(
            `Lost NATS at ${status.server}. Reconnecting until it answers; not ready meanwhile.`,
          );
        }
        const wasConnected = this.connected;
        this.connected = false;
        if (wasConnected) for (const listener of this.lossListeners) listener();
      } else if (status.type === 'reconnect') {
        this.connected = true;
        this.logger.log(`Back on NATS at ${status.server}.`);
        for (const listener of this.reconnectListeners) listener();
      } else if (status.type === 'error') {
        this.logger.error(`NATS refused something of "${this.name}": ${status.error.message}`);
      }
    }
    this.connected = false;
  }

  private async drainAndClose(): Promise<void> {
    this.stopping.abort();
    const connection = this.current;
    if (!connection || connection.isClosed()) return;
    if (this.connected) await settledWithin(DRAIN_TIMEOUT_MILLISECONDS, connection.drain());
    await connection.close();
    this.connected = false;
  }

  private notConnected(): NotConnectedError {
    return new NotConnectedError(describeAddress(this.address), {
      isStopping: this.stopping.signal.aborted,
    });
  }
}
