import type { PatchStoreClient, TaskFilter } from '#client';
import type { TaskSummary } from '#contracts';
import { CliError } from '../errors/cli-error.js';
import { EXIT_CODES } from '../errors/exit-codes.js';
import { oneLine, shortId } from '../output/format.js';

const FULL_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const LISTED_AT_MOST = 10;

/**
 * The task that a person means by an id, by 4 digits or more of an id's beginning or end, or by a name. A
 * name has precedence, so that a task called `cafe` can be referred to by it.
 *
 * @throws CliError `TASK_NOT_FOUND`; `TASK_AMBIGUOUS`, which lists the candidates
 */
export async function findTask(client: PatchStoreClient, reference: string): Promise<TaskSummary> {
  if (FULL_ID.test(reference)) return client.task(reference);
  if (reference !== '') {
    const named = await some(client, { name: reference });
    if (named.length > 0) return theOnly(named, reference);
  }
  const matches = await Promise.all(idFilters(reference).map((filter) => some(client, filter)));
  const found = new Map(matches.flat().map((task) => [task.id, task]));
  return theOnly([...found.values()], reference);
}

/** Pure: the searches for a part of an id; none if it cannot be one. */
export function idFilters(reference: string): TaskFilter[] {
  const digits = reference.replaceAll('-', '');
  if (!/^[0-9a-f]{4,32}$/i.test(digits)) return [];
  return [{ idPrefix: digits }, ...(digits.length > 12 ? [] : [{ idSuffix: digits }])];
}

/** Pure. */
export function theOnly<T extends Pick<TaskSummary, 'id' | 'name' | 'state'>>(
  found: readonly T[],
  reference: string,
): T {
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
  const list = found
    .slice(0, LISTED_AT_MOST)
    .map(({ id, name, state }) => `  ${shortId(id)}  ${id}  ${state}  ${oneLine(name)}`);
  const more = found.length > LISTED_AT_MOST ? '\n  and more' : '';
  throw new CliError(`"${reference}" matches several tasks:\n${list.join('\n')}${more}`, {
    code: 'TASK_AMBIGUOUS',
    nextStep: 'Give (more of) the id.',
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
