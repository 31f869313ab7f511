import { hostname } from 'node:os';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreError, type PatchStoreClient } from '#client';
import { WATCH_RUNNER, type TaskView } from '#contracts';
import type { WatchFolder } from './watch-folder.js';

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
  onOtherSource?: ((earlier: TaskView) => void) | undefined;
}

/**
 * The task of an earlier watch of this worktree, or undefined if there is none to continue: never watched,
 * unknown to this server, or another task by its source or name.
 */
export async function findWatchedTask(
  client: PatchStoreClient,
  folder: WatchFolder,
  watched: Watched,
): Promise<TaskView | undefined> {
  if (watched.taskId !== undefined) return client.task(watched.taskId);
  const record = await folder.record();
  if (record === undefined) return undefined;
  const task = await client.task(record.taskId).catch((error: unknown) => {
    if (error instanceof PatchStoreError && error.status === 404) return undefined;
    throw error;
  });
  if (task === undefined || task.name !== (watched.name ?? task.name)) return undefined;
  if (task.repoUrl === watched.repoUrl) return task;
  watched.onOtherSource?.(task);
  return undefined;
}

/** Gives the worktree's daemon the task: a new attempt of the existing one, or a new task. */
export async function startWatchedTask(
  client: PatchStoreClient,
  folder: WatchFolder,
  watched: Watched,
  earlier: TaskView | undefined,
): Promise<TaskView> {
  const { daemonId } = folder;
  const { worktreeDir, repoUrl, name, defaultName } = watched;
  if (earlier !== undefined) {
    await folder.remember({ worktreeDir, taskId: earlier.id });
    // Forced: an earlier watch that was killed seems alive for some time. The record in the folder shows that
    // it is gone.
    return client.resumeTask(earlier.id, { daemonId, force: true, ...movedSource(earlier, repoUrl) });
  }
  const taskId = uuidv7();
  await folder.remember({ worktreeDir, taskId });
  return client.createTask({
    id: taskId,
    name: name ?? defaultName,
    runner: WATCH_RUNNER,
    plan: `Watch ${worktreeDir} on ${hostname()}.`,
    repoUrl,
    daemonId,
  });
}

/**
 * Restores fetch the bases of new checkpoints from where the worktree's remote is now. A worktree without a
 * remote has no such place: then the old one is kept, for the earlier checkpoints.
 */
function movedSource(earlier: TaskView, repoUrl: string): { repoUrl?: string } {
  return repoUrl === earlier.repoUrl || repoUrl.startsWith('new://') ? {} : { repoUrl };
}
