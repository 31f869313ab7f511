import type { TaskSummary } from '#contracts';
import { age, oneLine, shortId } from '../output/format.js';
import { plain } from '../output/paint.js';
import { table } from '../output/table.js';

export const LISTED_AT_MOST = 10;

/** A longer source is cut at its beginning: what tells two apart is rather at the end. */
const SOURCE_WIDTH = 40;

/** One of the tasks that a reference may mean. */
export interface Candidate {
  task: Pick<TaskSummary, 'id' | 'name' | 'state' | 'createdAt' | 'repoUrl' | 'daemonId'>;
  /** If a checkpoint of it is meant. */
  checkpointNumber?: number;
}

/** Pure: how to write each, and what tells them apart. */
export function candidateTable(candidates: readonly Candidate[], now: Date): string {
  const rows = candidates
    .slice(0, LISTED_AT_MOST)
    .map(({ task, checkpointNumber: number }) => [
      `  ${shortId(task.id)}${number === undefined ? '' : `@${number}`}`,
      oneLine(task.name),
      task.state,
      age(task.createdAt, now),
      oneLine(shortSource(task.repoUrl)),
      oneLine(task.daemonId ?? '–'),
    ]);
  const list = table(['  TASK', 'NAME', 'STATE', 'AGE', 'SOURCE', 'DAEMON'], rows, { paint: plain });
  return candidates.length > LISTED_AT_MOST ? `${list}\n  and more` : list;
}

/** Pure: `github.com/you/app` of `https://github.com/you/app.git`. */
export function shortSource(repoUrl: string): string {
  const short = repoUrl.replace(/^(?:https|ssh|file):\/\//, '').replace(/\.git\/?$/, '');
  return short.length > SOURCE_WIDTH ? `…${short.slice(1 - SOURCE_WIDTH)}` : short;
}
