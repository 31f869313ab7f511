import { Logger } from '@nestjs/common';
import { encode, subjects } from '#contracts';
import { backoffMilliseconds } from '#runtime';
import type { DeliveryGate } from './delivery-gate.js';
import type { Spool } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';
import type { SpooledCheckpoint } from './spooled-checkpoint.js';

/** A checkpoint that was sent but not confirmed is sent again after about this long. */
const UNCONFIRMED = { baseMilliseconds: 30_000, maxMilliseconds: 300_000 };

/** A checkpoint that NATS did not accept is sent again after about this long. */
const UNSENT = { baseMilliseconds: 250, maxMilliseconds: 15_000 };

export interface CheckpointTransport {
  /** Resolves when JetStream has the message. The ack only confirms transport: the entry stays spooled. */
  publish(subject: string, bytes: Uint8Array): Promise<unknown>;
  /**
   * Stores a patch, bundle or conversation that is too large to ride in its message; what is already stored
   * is not sent again.
   */
  putBlob(daemonId: string, sha256: string, data: Buffer): Promise<unknown>;
}

/**
 * Sends what is in the spool, oldest first, and sends it again until it is confirmed: after some time without
 * confirmation, after NATS is reachable again, and after a restart of the agent. The same event id every
 * time, so that it is stored once.
 */
export class CheckpointPublisher {
  private readonly logger = new Logger(CheckpointPublisher.name);
  private readonly sent = new Map<string, { times: number; againAt: number }>();
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly spool: Spool,
    private readonly transport: CheckpointTransport,
    private readonly gate: Pick<DeliveryGate, 'maySend'>,
  ) {}

  /** Something new is in the spool. */
  wake(): void {
    this.schedule(0);
  }

  /** The connection is new: what was sent over the old one may never have arrived. */
  resendAll(): void {
    this.sent.clear();
    this.wake();
  }

  /**
   * Sends the bytes of a checkpoint again: its message arrived, but they were missing. May be called any
   * number of times.
   */
  resendBlobs(eventId: string): void {
    this.round = (this.round ?? Promise.resolve()).then(() => this.sendBlobsAgain(eventId));
  }

  /**
   * Waits until nothing is unconfirmed, of one task or of all, or until the timeout; not for what may not be
   * sent. Resolves to whether nothing is.
   */
  async settle(timeoutMilliseconds: number, taskId?: string): Promise<boolean> {
    const unconfirmed = (): SpooledCheckpoint[] =>
      this.spool.pending().filter((entry) => taskId === undefined || entry.taskId === taskId);
    const deadline = Date.now() + timeoutMilliseconds;
    while (unconfirmed().some((entry) => this.gate.maySend(entry)) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return unconfirmed().length === 0;
  }

  /** Stops sending; resolves when nothing is in flight. May be called twice. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private schedule(milliseconds: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.round = (this.round ?? Promise.resolve()).then(() => this.sendDue());
    }, milliseconds);
  }

  private async sendDue(): Promise<void> {
    try {
      for (const entry of this.spool.pending()) {
        if (this.stopped) return;
        if (this.gate.maySend(entry) && this.isDue(entry.eventId)) await this.send(entry.eventId);
      }
      if (this.failures > 0) this.logger.log({ msg: 'checkpoints are being sent again' });
      this.failures = 0;
      this.schedule(this.untilNext());
    } catch (error) {
      this.failures += 1;
      if (this.failures === 1) {
        this.logger.warn({ msg: 'checkpoints cannot be sent; they wait in the spool', err: error });
      }
      this.schedule(backoffMilliseconds(this.failures, UNSENT));
    }
  }

  private isDue(eventId: string): boolean {
    const sent = this.sent.get(eventId);
    return sent === undefined || sent.againAt <= Date.now();
  }

  private async send(eventId: string): Promise<void> {
    const entry = await this.spool.read(eventId);
    if (entry === undefined) return;
    await this.sendBlobs(entry);
    const { event } = entry;
    await this.transport.publish(subjects.checkpointCreated(event.daemonId, event.taskId), encode(event));
    const times = (this.sent.get(eventId)?.times ?? 0) + 1;
    this.sent.set(eventId, { times, againAt: Date.now() + backoffMilliseconds(times, UNCONFIRMED) });
  }

  private async sendBlobsAgain(eventId: string): Promise<void> {
    try {
      const entry = this.stopped ? undefined : await this.spool.read(eventId);
      if (entry) await this.sendBlobs(entry);
    } catch (error) {
      this.logger.debug({ msg: 'missing bytes could not be sent; they will be requested again', err: error });
    }
  }

  private async sendBlobs({ event, patch, bundle, conversation }: SpoolEntry): Promise<void> {
    if (patch) await this.transport.putBlob(event.daemonId, event.patchSha256!, patch);
    if (bundle) await this.transport.putBlob(event.daemonId, event.bundleSha256!, bundle);
    if (conversation) {
      await this.transport.putBlob(event.daemonId, event.conversationSha256!, conversation);
    }
  }

  private untilNext(): number {
    const pending = new Set(this.spool.pending().map(({ eventId }) => eventId));
    for (const eventId of this.sent.keys()) if (!pending.has(eventId)) this.sent.delete(eventId);
    const times = [...this.sent.values()].map(({ againAt }) => againAt - Date.now());
    return Math.max(10, Math.min(UNCONFIRMED.baseMilliseconds, ...times));
  }
}
