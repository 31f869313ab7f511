import type {
  CheckpointDetail,
  CheckpointPage,
  CheckpointView,
  CreatedToken,
  CreateTokenBody,
  DaemonList,
  DaemonView,
  DeadLetterPage,
  DeadLetterSummary,
  DeadLetterView,
  EventsQuery,
  PatchesDeleted,
  PatchInfo,
  PatchList,
  TaskOutputQuery,
  TaskPage,
  TaskSummary,
  TaskView,
  TokenPage,
  TokenView,
} from '#contracts';
import { againAfterCut } from './again-after-cut.js';
import type { EventFeed } from './event-feed.js';
import { PatchStoreHttp, queryOf } from './patch-store.http.js';
import type {
  CleanupOptions,
  DeadLetterFilter,
  ForkOptions,
  ResumeOptions,
  TaskFilter,
  TaskToCreate,
  UndoOptions,
} from './requests.js';

/** patch-store over HTTP: a method for each endpoint that programs need. */
export class PatchStoreClient extends PatchStoreHttp {
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

  forkTask(id: string, fork: ForkOptions): Promise<TaskView> {
    return this.call('POST', `/v1/tasks/${id}/fork`, fork);
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

  undo(taskId: string, options: UndoOptions): Promise<void> {
    return this.call('POST', `/v1/tasks/${taskId}/undo`, options);
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

  /** Needs the scope `admin`, like the next two. */
  createToken(token: CreateTokenBody): Promise<CreatedToken> {
    return this.call('POST', '/v1/tokens', token);
  }

  /** Newest first, page by page on demand. */
  async *tokens(): AsyncGenerator<TokenView> {
    for await (const { tokens } of this.pages<TokenPage>('/v1/tokens')) yield* tokens;
  }

  revokeToken(id: string): Promise<TokenView> {
    return this.call('DELETE', `/v1/tokens/${encodeURIComponent(id)}`);
  }

  /** The server's clock, to the second. */
  async time(): Promise<Date> {
    const response = await this.send('GET', '/v1/tasks?limit=1');
    await this.read(response.arrayBuffer());
    return new Date(response.headers.get('date')!);
  }

  /** Events from now on, or since then. Ends with the signal. */
  events(filter: EventsQuery, signal: AbortSignal): Promise<EventFeed> {
    return this.feed(`/v1/events${queryOf(filter)}`, signal);
  }

  /** Output of a task from now on, or since then. Ends with the signal. */
  output(taskId: string, filter: TaskOutputQuery, signal: AbortSignal): Promise<EventFeed> {
    return this.feed(`/v1/tasks/${taskId}/output${queryOf(filter)}`, signal);
  }
}
