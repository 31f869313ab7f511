import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Less than a minute, after which proxies like to close what is silent. */
const HEARTBEAT_MILLISECONDS = 15_000;

/** A reader that takes nothing for so long is let go; it comes back with `Last-Event-ID`. */
const STALLED_AFTER_MILLISECONDS = 30_000;

/** What a browser waits before it comes back. */
const RETRY_MILLISECONDS = 2_000;

export interface ServerSentEvent {
  id: string;
  event: string;
  /** One line. */
  data: string;
}

/**
 * Writes an answer as `text/event-stream`, until its reader goes away. No more is written than the reader
 * takes: what waits is what the socket holds.
 */
export class ServerSentEvents {
  private readonly heartbeat: NodeJS.Timeout;
  private readonly gone = new AbortController();

  /** Aborted when the reader went away. */
  readonly closed = this.gone.signal;

  /**
   * @param lastEventId the place behind which the events begin, for a reader that comes back before the first
   */
  constructor(
    private readonly response: ServerResponse,
    lastEventId?: string,
  ) {
    response.once('close', () => this.stop());
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.write(
      `retry: ${RETRY_MILLISECONDS}\n${lastEventId === undefined ? '' : `id: ${lastEventId}\n`}\n`,
    );
    this.heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(': heartbeat\n\n');
    }, HEARTBEAT_MILLISECONDS);
  }

  /** Resolves when there is room for the next one. A reader that stalls is let go. */
  async send({ id, event, data }: ServerSentEvent): Promise<void> {
    if (this.closed.aborted) return;
    if (this.response.write(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`)) return;
    const signal = AbortSignal.any([this.closed, AbortSignal.timeout(STALLED_AFTER_MILLISECONDS)]);
    await once(this.response, 'drain', { signal }).catch(() => this.response.destroy());
  }

  /** Ends the answer. May be called twice. */
  end(): void {
    this.stop();
    this.response.end();
  }

  private stop(): void {
    clearInterval(this.heartbeat);
    this.gone.abort();
  }
}
