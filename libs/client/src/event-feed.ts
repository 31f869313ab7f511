import { setTimeout as sleep } from 'node:timers/promises';
import { PatchStoreError, PatchStoreUnreachable } from './patch-store.error.js';
import { readServerSentEvents, type ServerSentEvent } from './read-server-sent-events.js';

/**
 * Opens the stream behind a place, or at its beginning. Throws PatchStoreUnreachable, even if it breaks off
 * later.
 */
export type OpenStream = (lastEventId: string | undefined) => Promise<AsyncIterable<Uint8Array>>;

const COME_BACK_AFTER_MILLISECONDS = 1000;
const GIVE_UP_AFTER_TRIES = 30;

/** A stream that is being read: its first message names the place where it begins. */
interface Reading {
  readonly first: IteratorResult<ServerSentEvent>;
  readonly rest: AsyncGenerator<ServerSentEvent>;
}

/**
 * Events of the server from the moment when `open` resolved: none after that is missed, even if connections
 * break.
 */
export class EventFeed implements AsyncIterable<ServerSentEvent> {
  private lastEventId: string | undefined;

  private constructor(
    private readonly openStream: OpenStream,
    private reading: Reading,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws PatchStoreError, PatchStoreUnreachable when it cannot be opened the first time */
  static async open(openStream: OpenStream, signal: AbortSignal): Promise<EventFeed> {
    return new EventFeed(openStream, await beginReading(openStream, undefined), signal);
  }

  /** Ends when the signal is given. @throws PatchStoreUnreachable when the server stays unreachable */
  async *[Symbol.asyncIterator](): AsyncGenerator<ServerSentEvent> {
    while (!this.signal.aborted) {
      const { first, rest } = this.reading;
      try {
        for (let next = first; !next.done; next = await rest.next()) {
          this.lastEventId = next.value.id ?? this.lastEventId;
          if (next.value.data !== '') yield next.value;
        }
      } catch (error) {
        if (this.signal.aborted) return;
        if (!(error instanceof PatchStoreUnreachable)) throw error;
      } finally {
        await rest.return(undefined).catch(() => undefined);
      }
      if (!(await this.comeBack())) return;
    }
  }

  private async comeBack(): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      await sleep(COME_BACK_AFTER_MILLISECONDS, undefined, { signal: this.signal }).catch(() => undefined);
      if (this.signal.aborted) return false;
      try {
        this.reading = await beginReading(this.openStream, this.lastEventId);
        return true;
      } catch (error) {
        if (this.signal.aborted) return false;
        const mayPass =
          error instanceof PatchStoreUnreachable ||
          (error instanceof PatchStoreError && error.status === 503);
        if (!mayPass || tries >= GIVE_UP_AFTER_TRIES) throw error;
      }
    }
  }
}

/**
 * Opens the stream and reads its first message. Not later: without it there is no place to continue from, and
 * a body that is not being read is closed when the garbage collector takes its Response (seen with the fetch
 * of Node 20).
 */
async function beginReading(openStream: OpenStream, lastEventId: string | undefined): Promise<Reading> {
  const rest = readServerSentEvents(await openStream(lastEventId));
  return { first: await rest.next(), rest };
}
