import type { PatchStoreClient } from '#client';
import type { TaskSummary } from '#contracts';
import { CliError, usageError } from '../errors/cli-error.js';
import { EXIT_CODES } from '../errors/exit-codes.js';
import { candidateTable } from './candidate-table.js';
import { findTask, matchingTasks, tasksNamed, theOnly } from './find-task.js';
import { parseTaskReference } from './task-reference.js';

/** What `TASK` or `TASK@N` means. */
export interface Referenced {
  task: TaskSummary;
  checkpointNumber: number | undefined;
}

/**
 * The task that `TASK` or `TASK@N` names, and the number if there is one.
 *
 * @throws CliError `TASK_NOT_FOUND`; `TASK_AMBIGUOUS`, which lists the candidates; `USAGE` for `TASK@`
 */
export async function findReferenced(client: PatchStoreClient, reference: string): Promise<Referenced> {
  const { whole, checkpoint, isUnfinished } = parseTaskReference(reference);
  if (checkpoint === undefined && !isUnfinished) {
    return { task: await findTask(client, whole), checkpointNumber: undefined };
  }
  const [named, numbered] = await Promise.all([
    tasksNamed(client, whole),
    checkpoint === undefined ? [] : matchingTasks(client, checkpoint.task),
  ]);
  return decideReference({ whole, checkpoint, named, numbered });
}

/**
 * Pure: what a reference means that ends as `TASK@N` does. A task of exactly that name is meant, unless there
 * is also a task with a checkpoint of that number, which may be meant as well.
 *
 * @param sources.named tasks whose name is all of the reference
 * @param sources.numbered tasks that the part before the `@` may mean
 * @throws CliError as {@link findReferenced}
 */
export function decideReference(sources: {
  whole: string;
  checkpoint: { task: string; number: number } | undefined;
  named: readonly TaskSummary[];
  numbered: readonly TaskSummary[];
}): Referenced {
  const { whole, checkpoint, named, numbered } = sources;
  const reached = numbered.filter((task) => task.lastCheckpointNumber >= (checkpoint?.number ?? Infinity));
  if (named.length > 0 && reached.length > 0) {
    const candidates = [
      ...named.map((task) => ({ task })),
      ...reached.map((task) => ({ task, checkpointNumber: checkpoint!.number })),
    ];
    throw new CliError(
      `"${whole}" is the name of a task, and a checkpoint of another:\n${candidateTable(candidates, new Date())}`,
      {
        code: 'TASK_AMBIGUOUS',
        nextStep: 'Write the one that you mean as in the first column.',
        exitCode: EXIT_CODES.notFound,
      },
    );
  }
  if (named.length > 0) {
    return { task: theOnly(named, whole), checkpointNumber: undefined };
  }
  if (checkpoint === undefined) {
    throw usageError(`"${whole}" names no checkpoint: its number, from 1 up, must follow the @.`);
  }
  return {
    task: theOnly(numbered, checkpoint.task),
    checkpointNumber: checkpoint.number,
  };
}
