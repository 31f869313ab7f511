import { randomUUID } from 'node:crypto';
import type { Problem } from '#contracts';
import { againAfterCut } from './again-after-cut.js';
import { EventFeed } from './event-feed.js';
import { PatchStoreError, PatchStoreUnreachable, type RefusedToken } from './patch-store.error.js';

const ANSWER_WITHIN_SECONDS = 60;
const PAGE_SIZE = 200;

/**
 * How patch-store is asked.
 *
 * Every call throws {@link PatchStoreError} when it is refused and {@link PatchStoreUnreachable} when there
 * is no answer. A request whose connection breaks is sent again, but still runs once: every POST has its own
 * `Idempotency-Key`.
 */
export class PatchStoreHttp {
  /** @param tokenFrom where the token came from, or was looked for, for whoever reads that it is refused */
  constructor(
    readonly server: string,
    private readonly token?: string | undefined,
    private readonly tokenFrom?: string | undefined,
  ) {}

  protected async *pages<Page extends { nextCursor: string | number | null }>(
    path: string,
    filter: object = {},
  ): AsyncGenerator<Page> {
    let cursor: Page['nextCursor'] = null;
    do {
      const page: Page = await this.call('GET', path + queryOf({ ...filter, limit: PAGE_SIZE, cursor }));
      yield page;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  protected feed(path: string, signal: AbortSignal): Promise<EventFeed> {
    const open = async (lastEventId: string | undefined): Promise<AsyncIterable<Uint8Array>> => {
      const headers: Record<string, string> =
        lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
      const response = await this.send('GET', path, undefined, { headers, signal });
      return this.body(response);
    };
    return EventFeed.open(open, signal);
  }

  private async *body(response: Response): AsyncGenerator<Uint8Array> {
    try {
      yield* response.body as unknown as AsyncIterable<Uint8Array>;
    } catch (cause) {
      throw new PatchStoreUnreachable(this.server, cause);
    }
  }

  protected async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = method === 'POST' ? { 'idempotency-key': randomUUID() } : {};
    const text = await againAfterCut(async () => {
      const response = await this.send(method, path, body, { headers });
      return this.read(response.text());
    });
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Resolves when the head of a successful answer has arrived. */
  protected async send(
    method: string,
    path: string,
    body?: unknown,
    {
      headers = {},
      signal = AbortSignal.timeout(ANSWER_WITHIN_SECONDS * 1000),
    }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const response = await this.read(
      fetch(new URL(path, this.server), {
        method,
        headers: {
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal,
      }),
    );
    if (response.ok) return response;
    const { status } = response;
    const refused =
      status === 401 || status === 403
        ? { isGiven: this.token !== undefined, from: this.tokenFrom }
        : undefined;
    throw problemOf(status, await this.read(response.text()), refused);
  }

  protected async read<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (cause) {
      throw new PatchStoreUnreachable(this.server, cause);
    }
  }
}

/** Of a URL; values that are not given are left out. */
export function queryOf(values: object): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) given.set(key, String(value));
  }
  return given.size === 0 ? '' : `?${given}`;
}

function problemOf(status: number, text: string, refused: RefusedToken | undefined): PatchStoreError {
  try {
    const { code, detail, title } = JSON.parse(text) as Partial<Problem>;
    return new PatchStoreError(status, code, detail ?? title ?? text, refused);
  } catch {
    const message = `The server answered ${status}: ${text.slice(0, 500)}`;
    return new PatchStoreError(status, undefined, message, refused);
  }
}
