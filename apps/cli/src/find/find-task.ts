import type { PatchStoreClient, TaskFilter } from '#client';
import type { TaskSummary } from '#contracts';
import { CliError } from '../errors/cli-error.js';
import { EXIT_CODES } from '../errors/exit-codes.js';
import { candidateTable, LISTED_AT_MOST } from './candidate-table.js';

const FULL_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * The task that a person means by an id, by 4 digits or more of an id's beginning or end, or by a name. A
 * name has precedence, so that a task called `cafe` can be referred to by it.
 *
 * @throws CliError `TASK_NOT_FOUND`; `TASK_AMBIGUOUS`, which lists the candidates
 */
export async function findTask(client: PatchStoreClient, reference: string): Promise<TaskSummary> {
  return theOnly(await matchingTasks(client, reference), reference);
}

/** Those that it may mean; a few, if it means many. */
export async function matchingTasks(client: PatchStoreClient, reference: string): Promise<TaskSummary[]> {
  if (FULL_ID.test(reference)) return [await client.task(reference)];
  const named = await tasksNamed(client, reference);
  if (named.length > 0) return named;
  const matches = await Promise.all(idFilters(reference).map((filter) => some(client, filter)));
  return [...new Map(matches.flat().map((task) => [task.id, task])).values()];
}

/** Those with exactly that name; a few, if there are many. */
export async function tasksNamed(client: PatchStoreClient, name: string): Promise<TaskSummary[]> {
  return name === '' ? [] : some(client, { name });
}

/** Pure: the searches for a part of an id; none if it cannot be one. */
export function idFilters(reference: string): TaskFilter[] {
  const digits = reference.replaceAll('-', '');
  if (!/^[0-9a-f]{4,32}$/i.test(digits)) return [];
  return [{ idPrefix: digits }, ...(digits.length > 12 ? [] : [{ idSuffix: digits }])];
}

/**
 * Pure.
 *
 * @throws CliError `TASK_NOT_FOUND`; `TASK_AMBIGUOUS`, which lists the candidates
 */
export function theOnly(found: readonly TaskSummary[], reference: string): TaskSummary {
  const [only, ...others] = found;
  if (only === undefined) {
    throw new CliError(`There is no task "${reference}".`, {
      code: 'TASK_NOT_FOUND',
      nextStep:
        'See `patchpoint tasks`. Refer to a task by its id, 4 digits or more of its beginning or end, or its name.',
      exitCode: EXIT_CODES.notFound,
    });
  }
  if (others.length === 0) return only;
  const list = candidateTable(
    found.map((task) => ({ task })),
    new Date(),
  );
  throw new CliError(`"${reference}" matches several tasks:\n${list}`, {
    code: 'TASK_AMBIGUOUS',
    nextStep: 'Write one as in the first column, or more of its id.',
    exitCode: EXIT_CODES.notFound,
  });
}

/** Enough to know whether there is one, none or several, and to list them. */
async function some(client: PatchStoreClient, filter: TaskFilter): Promise<TaskSummary[]> {
  const tasks: TaskSummary[] = [];
  for await (const task of client.tasks(filter)) {
    if (tasks.push(task) > LISTED_AT_MOST) break;
  }
  return tasks;
}
