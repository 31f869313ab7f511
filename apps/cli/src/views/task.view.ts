import type { TaskSummary } from '../client/patch-store.views.js';
import { oneLine } from '../output/format.js';
import type { Look } from '../output/output.js';
import { fields } from '../output/table.js';
import { stateCell } from './tasks.view.js';

/** Pure: one task, as `run`, `resume` and `stop` answer. */
export function taskCardView(task: TaskSummary, { paint }: Look): string {
  return fields(
    [
      ['task', task.id],
      ['name', oneLine(task.name)],
      ['state', stateCell(task.state, paint)],
      ['attempt', String(task.attempt)],
      ['daemon', task.daemonId ?? `any of the pool ${task.pool}`],
    ],
    paint,
  );
}
