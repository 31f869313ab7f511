/** A task's name as part of a folder or branch name: lower case, letters, digits and dashes. */
export function slug(name: string): string {
  const text = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return text || 'task';
}

/**
 * The short form of a task's id: its last 12 hex digits. Ids are UUIDv7, whose beginning is the time: tasks
 * that were created together differ only at the end.
 */
export function shortId(taskId: string): string {
  return taskId.replaceAll('-', '').slice(-12);
}

/**
 * Folder of a task below the daemon's `worktrees`: the same for every attempt, so that later attempts find
 * it. The worktree lies in it under the task's name, beside its repository.
 */
export function taskFolderName(taskId: string, taskName: string): string {
  return `${shortId(taskId)}-${slug(taskName)}`;
}

/** The task's own branch, unless the task names one. */
export function taskBranchName(taskId: string, taskName: string): string {
  return `patchpoint/${slug(taskName)}-${shortId(taskId)}`;
}
