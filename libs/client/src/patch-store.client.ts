import { randomUUID } from 'node:crypto';
import type {
  CheckpointDetail,
  CheckpointPage,
  CheckpointView,
  DaemonList,
  DaemonView,
  DeadLetterPage,
  DeadLetterSummary,
  DeadLetterView,
  EventsQuery,
  PatchesDeleted,
  PatchInfo,
  PatchList,
  Problem,
  TaskOutputQuery,
  TaskPage,
  TaskSummary,
  TaskView,
} from '#contracts';
import { againAfterCut } from './again-after-cut.js';
import { EventFeed } from './event-feed.js';
import { PatchStoreError, PatchStoreUnreachable } from './patch-store.error.js';
import type {
  CleanupOptions,
  DeadLetterFilter,
  ResumeOptions,
  TaskFilter,
  TaskToCreate,
} from './requests.js';

const ANSWER_WITHIN_SECONDS = 60;
const PAGE_SIZE = 200;

/**
 * patch-store over HTTP.
 *
 * Every call throws {@link PatchStoreError} when it is refused and {@link PatchStoreUnreachable} when there
 * is no answer. A request whose connection breaks is sent again, but still runs once: every POST has its own
 * `Idempotency-Key`.
 */
export class PatchStoreClient {
  constructor(
    readonly server: string,
    private readonly token?: string | undefined,
  ) {}

  createTask(task: TaskToCreate): Promise<TaskView> {
    return this.call('POST', '/v1/tasks', task);
  }

  task(id: string): Promise<TaskView> {
    return this.call('GET', `/v1/tasks/${id}`);
  }

  /** Newest first, page by page on demand. */
  async *tasks(filter: TaskFilter = {}): AsyncGenerator<TaskSummary> {
    for await (const { tasks } of this.pages<TaskPage>('/v1/tasks', filter)) yield* tasks;
  }

  resumeTask(id: string, to: ResumeOptions): Promise<TaskView> {
    return this.call('POST', `/v1/tasks/${id}/resume`, to);
  }

  stopTask(taskId: string, reason: string): Promise<TaskView> {
    return this.call('POST', `/v1/tasks/${taskId}/stop`, { reason });
  }

  /** The newest ones, newest first. */
  async checkpoints(taskId: string): Promise<CheckpointView[]> {
    const page = await this.call<CheckpointPage>('GET', `/v1/tasks/${taskId}/checkpoints`);
    return page.checkpoints;
  }

  /** Newest first, page by page on demand. */
  async *allCheckpoints(taskId: string): AsyncGenerator<CheckpointView> {
    const pages = this.pages<CheckpointPage>(`/v1/tasks/${taskId}/checkpoints`);
    for await (const { checkpoints } of pages) yield* checkpoints;
  }

  checkpoint(taskId: string, number: number): Promise<CheckpointDetail> {
    return this.call('GET', `/v1/tasks/${taskId}/checkpoints/${number}`);
  }

  /** A file of a checkpoint's conversation, byte for byte. The caller must check its sha256. */
  async conversationFile(taskId: string, number: number, path: string): Promise<Buffer> {
    const query = new URLSearchParams({ path });
    return againAfterCut(async () => {
      const at = `/v1/tasks/${taskId}/checkpoints/${number}/conversation?${query}`;
      const response = await this.send('GET', at);
      return Buffer.from(await this.read(response.arrayBuffer()));
    });
  }

  createCheckpoint(taskId: string, message: string): Promise<void> {
    return this.call('POST', `/v1/tasks/${taskId}/checkpoints`, { message });
  }

  async patches(taskId: string): Promise<PatchInfo[]> {
    const { patches } = await this.call<PatchList>('GET', `/v1/tasks/${taskId}/patches`);
    return patches;
  }

  patch(id: string): Promise<PatchInfo> {
    return this.call('GET', `/v1/patches/${id}`);
  }

  /** The bytes as they were stored: a gzipped diff or a git bundle. The caller must check their sha256. */
  async patchContent(id: string): Promise<Buffer> {
    return againAfterCut(async () => {
      const response = await this.send('GET', `/v1/patches/${id}/content`);
      return Buffer.from(await this.read(response.arrayBuffer()));
    });
  }

  cleanupWorktree(taskId: string, options: CleanupOptions): Promise<void> {
    return this.call('POST', `/v1/tasks/${taskId}/cleanup`, options);
  }

  deletePatches(taskId: string): Promise<PatchesDeleted> {
    return this.call('DELETE', `/v1/tasks/${taskId}/patches`);
  }

  async daemons(): Promise<DaemonView[]> {
    const { daemons } = await this.call<DaemonList>('GET', '/v1/daemons');
    return daemons;
  }

  /** Newest first, page by page on demand. */
  async *deadLetters(filter: DeadLetterFilter = {}): AsyncGenerator<DeadLetterSummary> {
    for await (const { deadLetters } of this.pages<DeadLetterPage>('/v1/dead-letters', filter)) {
      yield* deadLetters;
    }
  }

  deadLetter(id: string): Promise<DeadLetterView> {
    return this.call('GET', `/v1/dead-letters/${encodeURIComponent(id)}`);
  }

  replayDeadLetter(id: string): Promise<DeadLetterView> {
    return this.call('POST', `/v1/dead-letters/${encodeURIComponent(id)}/replay`, {});
  }

  /** The server's clock, to the second. */
  async time(): Promise<Date> {
    const response = await this.send('GET', '/v1/tasks?limit=1');
    await this.read(response.arrayBuffer());
    return new Date(response.headers.get('date')!);
  }

  /** Events from now on, or since then. Ends with the signal. */
  events(filter: EventsQuery, signal: AbortSignal): Promise<EventFeed> {
    return this.feed(`/v1/events${query(filter)}`, signal);
  }

  /** Output of a task from now on, or since then. Ends with the signal. */
  output(taskId: string, filter: TaskOutputQuery, signal: AbortSignal): Promise<EventFeed> {
    return this.feed(`/v1/tasks/${taskId}/output${query(filter)}`, signal);
  }

  private async *pages<Page extends { nextCursor: string | number | null }>(
    path: string,
    filter: object = {},
  ): AsyncGenerator<Page> {
    let cursor: Page['nextCursor'] = null;
    do {
      const page: Page = await this.call('GET', path + query({ ...filter, limit: PAGE_SIZE, cursor }));
      yield page;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  private feed(path: string, signal: AbortSignal): Promise<EventFeed> {
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

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = method === 'POST' ? { 'idempotency-key': randomUUID() } : {};
    const text = await againAfterCut(async () => {
      const response = await this.send(method, path, body, { headers });
      return this.read(response.text());
    });
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Resolves when the head of a successful answer has arrived. */
  private async send(
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
    throw problemOf(response.status, await this.read(response.text()));
  }

  private async read<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (cause) {
      throw new PatchStoreUnreachable(this.server, cause);
    }
  }
}

function query(values: object): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) given.set(key, String(value));
  }
  return given.size === 0 ? '' : `?${given}`;
}

function problemOf(status: number, text: string): PatchStoreError {
  try {
    const problem = JSON.parse(text) as Partial<Problem>;
    return new PatchStoreError(status, problem.code, problem.detail ?? problem.title ?? text);
  } catch {
    return new PatchStoreError(status, undefined, `The server answered ${status}: ${text.slice(0, 500)}`);
  }
}
