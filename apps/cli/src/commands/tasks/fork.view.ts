import type { TaskSummary } from '#contracts';
import { forkCell } from '../../cells/fork-cell.js';
import { oneLine, shortId } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import { table } from '../../output/table.js';
import { stateCell } from '../../cells/state-cell.js';

/** Pure: `patchpoint fork`. */
export function forkedTasksView({ tasks }: { tasks: readonly TaskSummary[] }, { paint }: Look): string {
  const rows = tasks.map((task) => [
    shortId(task.id),
    oneLine(task.name),
    stateCell(task.state, paint),
    forkCell(task),
    task.requestedDaemonId ?? `any of the pool ${task.pool}`,
  ]);
  return table(['TASK', 'NAME', 'STATE', 'FORK OF', 'DAEMON'], rows, { paint });
}
