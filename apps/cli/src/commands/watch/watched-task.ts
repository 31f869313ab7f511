import { hostname } from 'node:os';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreError, type PatchStoreClient } from '#client';
import { WATCH_RUNNER, type TaskView } from '#contracts';
import type { WatchFolder } from './watch-folder.js';

/** What makes two watches the same task: worktree, source, and name if one is given. */
export interface Watched {
  worktreeDir: string;
  repoUrl: string;
  name: string | undefined;
  /** If none is given. */
  defaultName: string;
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
  const record = await folder.record();
  if (record === undefined) return undefined;
  const task = await client.task(record.taskId).catch((error: unknown) => {
    if (error instanceof PatchStoreError && error.status === 404) return undefined;
    throw error;
  });
  if (task === undefined || task.repoUrl !== watched.repoUrl) return undefined;
  return task.name === (watched.name ?? task.name) ? task : undefined;
}

/** Gives the worktree's daemon the task: a new attempt of the existing one, or a new task. */
export async function startWatchedTask(
  client: PatchStoreClient,
  folder: WatchFolder,
  watched: Watched,
  earlier: TaskView | undefined,
): Promise<TaskView> {
  const { daemonId } = folder;
  // Forced: an earlier watch that was killed seems alive for some time. The record in the folder shows that
  // it is gone.
  if (earlier !== undefined) return client.resumeTask(earlier.id, { daemonId, force: true });
  const { worktreeDir, repoUrl, name, defaultName } = watched;
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
