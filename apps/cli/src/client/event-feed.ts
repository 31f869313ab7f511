import { setTimeout as sleep } from 'node:timers/promises';
import { PatchStoreError, PatchStoreUnreachable } from './patch-store.error.js';
import { readServerSentEvents, type ServerSentEvent } from './read-server-sent-events.js';

/** Opens the stream behind a place, or at its beginning. */
export type OpenStream = (lastEventId: string | undefined) => Promise<AsyncIterable<Uint8Array>>;

const COME_BACK_AFTER_MILLISECONDS = 1000;
const GIVE_UP_AFTER_TRIES = 30;

/** Events of the server from the moment on when `open` resolved: none after that is missed, also over broken connections. */
export class EventFeed implements AsyncIterable<ServerSentEvent> {
  private constructor(
    private readonly openStream: OpenStream,
    private stream: AsyncIterable<Uint8Array>,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws PatchStoreError, PatchStoreUnreachable when it cannot be opened the first time */
  static async open(openStream: OpenStream, signal: AbortSignal): Promise<EventFeed> {
    return new EventFeed(openStream, await openStream(undefined), signal);
  }

  /** Ends when the signal is given. @throws PatchStoreUnreachable when the server stays away */
  async *[Symbol.asyncIterator](): AsyncGenerator<ServerSentEvent> {
    let lastEventId: string | undefined;
    while (!this.signal.aborted) {
      try {
        for await (const event of readServerSentEvents(this.stream)) {
          lastEventId = event.id ?? lastEventId;
          if (event.data !== '') yield event;
        }
      } catch (error) {
        if (this.signal.aborted) return;
        if (!isBroken(error)) throw error;
      }
      if (!(await this.comeBack(lastEventId))) return;
    }
  }

  private async comeBack(lastEventId: string | undefined): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      await sleep(COME_BACK_AFTER_MILLISECONDS, undefined, { signal: this.signal }).catch(() => undefined);
      if (this.signal.aborted) return false;
      try {
        this.stream = await this.openStream(lastEventId);
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

/** What undici throws when a body breaks off; anything else is a fault of ours. */
function isBroken(error: unknown): boolean {
  return (
    error instanceof TypeError || (error instanceof Error && /terminated|socket|aborted/i.test(error.message))
  );
}
