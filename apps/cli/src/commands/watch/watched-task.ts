import { hostname } from 'node:os';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreError, type PatchStoreClient } from '#client';
import { harmlessLine } from '#contracts/text';
import { WATCH_RUNNER, type OfflineTask, type TaskView } from '#contracts';
import type { WatchFolder, WatchRecord } from './watch-folder.js';

/**
 * What makes two watches the same task: worktree, source, and name if one is given; or that the task is asked
 * for.
 */
export interface Watched {
  worktreeDir: string;
  repoUrl: string;
  name: string | undefined;
  /** If none is given. */
  defaultName: string;
  /** The task to go on with, whatever its source. */
  taskId?: string | undefined;
  /** Called when the task of the earlier watch is not continued because it has another source. */
  onOtherSource?: ((earlier: EarlierTask) => void) | undefined;
}

export type EarlierTask = Pick<TaskView, 'id' | 'name' | 'repoUrl'>;

/**
 * The task of this watch: that of an earlier one, or a new one, whose id is made here, so that it can begin
 * without a server and be created on it more than once.
 *
 * @param client of the server; undefined: there is none, and the record on this disk decides
 */
export async function chooseTask(
  client: PatchStoreClient | undefined,
  folder: WatchFolder,
  watched: Watched,
): Promise<OfflineTask> {
  const record = await folder.record();
  const id = watched.taskId ?? record?.taskId;
  const known = id === undefined || client === undefined ? undefined : await findKnown(client, id);
  if (watched.taskId !== undefined && known !== undefined) return taskOf(watched, known);
  if (record === undefined) return taskOf(watched, undefined);
  const earlier = known ?? earlierOf(record);
  // No server has it: it is all that waits of this worktree, whatever it is called now.
  if (earlier === undefined) return taskOf(watched, { id: record.taskId });
  if (earlier.name !== (watched.name ?? earlier.name)) return taskOf(watched, undefined);
  if (earlier.repoUrl === watched.repoUrl) return taskOf(watched, earlier);
  watched.onOtherSource?.(earlier);
  return taskOf(watched, undefined);
}

/** The task on this server, or undefined when it has none of that id. */
export async function findKnown(client: PatchStoreClient, taskId: string): Promise<TaskView | undefined> {
  return client.task(taskId).catch((error: unknown) => {
    if (error instanceof PatchStoreError && error.status === 404) return undefined;
    throw error;
  });
}

/** Creates it, for this worktree's daemon. May run twice. */
export async function createWatched(
  client: PatchStoreClient,
  { daemonId }: Pick<WatchFolder, 'daemonId'>,
  { taskId, name, repoUrl, plan }: OfflineTask,
): Promise<void> {
  // An earlier version recorded names as they were given.
  const shown = harmlessLine(name);
  await client.createTask({ id: taskId, name: shown, runner: WATCH_RUNNER, plan, repoUrl, daemonId });
}

/** Gives this worktree's daemon a new attempt of it. */
export async function resumeWatched(
  client: PatchStoreClient,
  { daemonId }: Pick<WatchFolder, 'daemonId'>,
  known: TaskView,
  repoUrl: string,
): Promise<void> {
  // Forced: an earlier watch that was killed seems alive for some time. The record in the folder shows that
  // it is gone.
  await client.resumeTask(known.id, { daemonId, force: true, ...movedSource(known, repoUrl) });
}

function earlierOf({ taskId, name, repoUrl, isCreated }: WatchRecord): EarlierTask | undefined {
  if (isCreated === false || name === undefined || repoUrl === undefined) return undefined;
  return { id: taskId, name, repoUrl };
}

function taskOf(watched: Watched, earlier: { id: string; name?: string } | undefined): OfflineTask {
  const { worktreeDir, repoUrl, name, defaultName } = watched;
  return {
    taskId: earlier?.id ?? uuidv7(),
    name: name ?? earlier?.name ?? defaultName,
    repoUrl,
    plan: `Watch ${worktreeDir} on ${hostname()}.`,
  };
}

/**
 * Restores fetch the bases of new checkpoints from where the worktree's remote is now. A worktree without a
 * remote has no such place: then the old one is kept, for the earlier checkpoints.
 */
function movedSource(earlier: TaskView, repoUrl: string): { repoUrl?: string } {
  return repoUrl === earlier.repoUrl || repoUrl.startsWith('new://') ? {} : { repoUrl };
}
