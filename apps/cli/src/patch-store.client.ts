import type { CheckpointKind, PatchAbsentReason, PatchInfo, TaskState } from '#contracts';

/** A request that patch-store refused, with the code of its problem document. */
export class PatchStoreError extends Error {
  override readonly name = 'PatchStoreError';

  constructor(
    readonly status: number,
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** The fields of a task that this program reads. */
export interface TaskView {
  id: string;
  state: TaskState;
  stateReason: string | null;
  attempt: number;
  daemonId: string | null;
  exitCode: number | null;
  worktreePath: string | null;
}

/** The fields of a checkpoint that this program reads. */
export interface CheckpointView {
  number: number;
  attempt: number;
  kind: CheckpointKind;
  message: string;
  treeSha: string;
  branchName: string | null;
  filesChanged: number | null;
  patchId: string | null;
  bundleId: string | null;
  patchAbsentReason: PatchAbsentReason | null;
  superseded: boolean;
  capturedAt: string;
  createdAt: string;
}

/** patch-store over HTTP. */
export class PatchStoreClient {
  constructor(private readonly baseUrl: string) {}

  createTask(task: Record<string, unknown>): Promise<TaskView> {
    return this.call('POST', '/v1/tasks', task);
  }

  task(id: string): Promise<TaskView> {
    return this.call('GET', `/v1/tasks/${id}`);
  }

  resumeTask(id: string, to: { daemonId?: string; pool?: string; force?: boolean }): Promise<TaskView> {
    return this.call('POST', `/v1/tasks/${id}/resume`, to);
  }

  /** Newest first. */
  async checkpoints(taskId: string): Promise<CheckpointView[]> {
    const page = await this.call<{ checkpoints: CheckpointView[] }>('GET', `/v1/tasks/${taskId}/checkpoints`);
    return page.checkpoints;
  }

  patch(id: string): Promise<PatchInfo> {
    return this.call('GET', `/v1/patches/${id}`);
  }

  createCheckpoint(taskId: string, message: string): Promise<unknown> {
    return this.call('POST', `/v1/tasks/${taskId}/checkpoints`, { message });
  }

  stopTask(taskId: string, reason: string): Promise<unknown> {
    return this.call('POST', `/v1/tasks/${taskId}/stop`, { reason });
  }

  cleanupWorktree(taskId: string, options: { force: boolean }): Promise<unknown> {
    return this.call('POST', `/v1/tasks/${taskId}/cleanup`, options);
  }

  deletePatches(taskId: string): Promise<unknown> {
    return this.call('DELETE', `/v1/tasks/${taskId}/patches`);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(new URL(path, this.baseUrl), {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
    throw problemOf(response.status, text);
  }
}

function problemOf(status: number, text: string): PatchStoreError {
  try {
    const problem = JSON.parse(text) as { code?: string; detail?: string; title?: string };
    return new PatchStoreError(status, problem.code, problem.detail ?? problem.title ?? text);
  } catch {
    return new PatchStoreError(status, undefined, text);
  }
}
