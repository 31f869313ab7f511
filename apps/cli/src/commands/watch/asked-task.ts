import type { PatchStoreClient } from '#client';
import { WATCH_RUNNER } from '#contracts';
import { usageError } from '../../errors/cli-error.js';
import { findTask } from '../../find/find-task.js';
import { oneLine, shortId } from '../../output/format.js';
import { shellWord } from '../../output/shell-word.js';
import { openWatchFolder } from './watch-folder.js';
import type { EarlierTask, Watched } from './watched-task.js';

/**
 * The id of the task that is to be continued in this worktree.
 *
 * @throws CliError `USAGE` for a task that is no watch of it; those of {@link findTask}
 */
export async function findAskedTask(
  client: PatchStoreClient,
  { worktreeDir }: Pick<Watched, 'worktreeDir'>,
  reference: string,
): Promise<string> {
  const task = await findTask(client, reference);
  const { daemonId } = await openWatchFolder(worktreeDir);
  // Only the daemon of this place can continue it; the server refuses any other.
  if (task.runner === WATCH_RUNNER && task.pool === daemonId) return task.id;
  throw usageError(
    `"${oneLine(task.name)}" (${shortId(task.id)}) is no watch of ${worktreeDir} on this machine.`,
    'Leave out --task to watch it as a task of its own, or use `patchpoint restore` to get the files of that one.',
  );
}

/** Pure: one line, when a watch begins a new task because the worktree's source is another one now. */
export function otherSourceLine(earlier: EarlierTask, { worktreeDir, repoUrl }: Watched): string {
  return (
    `This is a new task: the earlier one, ${oneLine(earlier.name)} (${shortId(earlier.id)}), has the source ` +
    `${oneLine(earlier.repoUrl)}, and this worktree has ${oneLine(repoUrl)}. To go on with the earlier one: ` +
    `patchpoint watch ${shellWord(oneLine(worktreeDir))} --task ${shortId(earlier.id)}`
  );
}
