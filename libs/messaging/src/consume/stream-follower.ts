import { Injectable } from '@nestjs/common';
import type { Consumer, ConsumerMessages, JetStreamManager } from '@nats-io/jetstream';
import { NatsClient } from '../connection/nats-client.js';
import { isMissing } from '../topology/missing.js';
import type { StreamDeclaration } from '../topology/streams.js';
import { Topology } from '../topology/topology.js';

/** How long a beginning waits for a lost connection. */
const CONNECT_PATIENCE_MILLISECONDS = 1_000;

/** Messages that are fetched ahead of a reader; a slow one makes the server wait. */
const READ_AHEAD = 64;

const IDLE_HEARTBEAT_MILLISECONDS = 5_000;

/** The server drops a reader's place after this process has been gone for so long. */
const FORGOTTEN_AFTER_MILLISECONDS = 60_000;

/** One message of a stream, and its place there. */
export interface StreamEntry {
  readonly sequence: number;
  readonly subject: string;
  readonly data: Uint8Array;
}

/** Where to begin: behind a message that was read before, at a time, or with what comes from now on. */
export type FollowFrom = { readonly after: number } | { readonly since: Date } | 'now';

export interface Followed {
  /**
   * The place behind which the entries begin. Undefined: at a time, whose place only the first entry tells.
   */
  readonly after: number | undefined;
  /**
   * In the order of the stream, without end. It ends without an error when `signal` says so, and after a lost
   * connection is back: follow again behind the last entry. It is read once.
   *
   * @throws the client's error when the stream is gone
   */
  readonly entries: AsyncIterable<StreamEntry>;
}

/**
 * Reads streams that keep what was read (EVENTS, OUTPUT), for readers that come and go and are not known to
 * the server.
 */
@Injectable()
export class StreamFollower {
  constructor(
    private readonly nats: NatsClient,
    private readonly topology: Topology,
  ) {}

  /**
   * Resolves when the server knows of the reader: nothing published after that is missed.
   *
   * A place beyond the end of the stream is one of a stream that was lost: it is read from its beginning.
   *
   * @throws NotConnectedError when NATS is unreachable
   */
  async follow(
    stream: StreamDeclaration,
    filterSubject: string,
    from: FollowFrom,
    signal: AbortSignal,
  ): Promise<Followed> {
    await this.nats.connectedWithin(CONNECT_PATIENCE_MILLISECONDS);
    const manager = await this.nats.jetStreamManager();
    const lastSequence = await this.lastSequence(manager, stream.name);
    const after = placeOf(from, lastSequence);
    // Always by a place where there is one: with `DeliverPolicy.New`, the ordered consumer of
    // @nats-io/jetstream 3.4 that is made again before its first message begins with the whole stream.
    const consumer = await manager.jetstream().consumers.get(stream.name, {
      filter_subjects: filterSubject,
      inactive_threshold: FORGOTTEN_AFTER_MILLISECONDS,
      ...(after === undefined
        ? { opt_start_time: (from as { since: Date }).since.toISOString() }
        : { opt_start_seq: after + 1 }),
    });
    const messages = await consumer.consume({
      max_messages: READ_AHEAD,
      idle_heartbeat: IDLE_HEARTBEAT_MILLISECONDS,
      abort_on_missing_resource: true,
    });
    return { after, entries: this.read(consumer, messages, signal) };
  }

  private async *read(
    consumer: Consumer,
    messages: ConsumerMessages,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEntry> {
    const end = (): void => messages.stop();
    const forgetReconnect = this.nats.onReconnect(end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      for await (const { seq, subject, data } of messages) yield { sequence: seq, subject, data };
    } finally {
      forgetReconnect();
      signal.removeEventListener('abort', end);
      end();
      // Best effort: the server forgets it a little later anyway.
      if (this.nats.isConnected()) consumer.delete().catch(() => {});
    }
  }

  private async lastSequence(manager: JetStreamManager, stream: string): Promise<number> {
    try {
      return (await manager.streams.info(stream)).state.last_seq;
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.topology.ensureStreams();
      return (await manager.streams.info(stream)).state.last_seq;
    }
  }
}

function placeOf(from: FollowFrom, lastSequence: number): number | undefined {
  if (from === 'now') return lastSequence;
  if ('since' in from) return undefined;
  return from.after > lastSequence ? 0 : from.after;
}
