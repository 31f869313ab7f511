import type { TaskSummary } from '#contracts';
import { shortId } from '../output/format.js';

/** Pure: where a fork comes from, as something to type; empty for a task that is none. */
export function forkCell({ forkedFrom }: Pick<TaskSummary, 'forkedFrom'>): string {
  // An older server leaves it out.
  return forkedFrom ? `${shortId(forkedFrom.taskId)}@${forkedFrom.checkpointNumber}` : '';
}
