import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { harmlessJson, harmlessLine } from '#contracts';

/** Less than a minute, after which proxies tend to close silent connections. */
const HEARTBEAT_MILLISECONDS = 15_000;

/** A reader that accepts nothing for this long is disconnected; it reconnects with `Last-Event-ID`. */
const STALLED_AFTER_MILLISECONDS = 30_000;

/** How long a browser waits before it reconnects. */
const RETRY_MILLISECONDS = 2_000;

export interface ServerSentEvent {
  id: string;
  event: string;
  /** JSON. */
  data: string;
}

/**
 * Writes an answer as `text/event-stream`, until its reader disconnects. No more is written than the reader
 * accepts: only what is in the socket's buffer waits.
 */
export class ServerSentEvents {
  private readonly heartbeat: NodeJS.Timeout;
  private readonly gone = new AbortController();

  /** Aborted when the reader has disconnected. */
  readonly closed = this.gone.signal;

  /**
   * @param lastEventId the place after which the events begin, for a reader that reconnects before the first
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

  /**
   * Resolves when there is space for the next one. A reader that stalls is disconnected. Whatever the fields
   * hold, they are one event, and nothing that a terminal would act upon.
   */
  async send({ id, event, data }: ServerSentEvent): Promise<void> {
    if (this.closed.aborted) return;
    // In JSON, a line end between two tokens is a space; in an event stream, it ends the field.
    const fields = [`id: ${harmlessLine(id)}`, `event: ${harmlessLine(event)}`, `data: ${oneLine(data)}`];
    if (this.response.write(`${fields.join('\n')}\n\n`)) return;
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

function oneLine(json: string): string {
  return harmlessJson(json).replaceAll('\n', ' ');
}
