import type { TaskSummary } from '#contracts';
import { age, oneLine, shortId } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import { table } from '../../output/table.js';
import { stateCell } from '../../cells/state-cell.js';

/** Pure: `patchpoint tasks`. */
export function tasksView({ tasks }: { tasks: readonly TaskSummary[] }, { paint, now }: Look): string {
  if (tasks.length === 0) return 'There are no such tasks. Create one with `patchpoint run`.';
  const rows = tasks.map((task) => [
    shortId(task.id),
    oneLine(task.name),
    stateCell(task.state, paint),
    String(task.attempt),
    task.daemonId ?? '–',
    task.pool,
    String(task.lastCheckpointNumber),
    age(task.createdAt, now),
    oneLine(task.repoUrl),
  ]);
  return table(['TASK', 'NAME', 'STATE', 'ATTEMPT', 'DAEMON', 'POOL', 'CHECKPOINTS', 'AGE', 'SOURCE'], rows, {
    paint,
    right: [3, 6],
  });
}
