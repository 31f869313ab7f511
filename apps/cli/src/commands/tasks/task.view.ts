import type { TaskSummary } from '#contracts';
import { oneLine } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import type { Paint } from '../../output/paint.js';
import { fields } from '../../output/table.js';
import { forkCell } from '../../cells/fork-cell.js';
import { recoveryCell } from '../../cells/recovery-cell.js';
import { stateCell } from '../../cells/state-cell.js';

/** Pure: one task, the answer of `run` and `stop`. */
export function taskCardView(task: TaskSummary, { paint }: Look): string {
  return fields(card(task, paint), paint);
}

/** Pure: the answer of `resume`, with what is restored of its work. */
export function resumedTaskView(task: TaskSummary, { paint }: Look): string {
  const broughtBack = recoveryCell(task.recovery, { newest: '', nothing: 'nothing' }, paint);
  return fields([...card(task, paint), ['restores', broughtBack]], paint);
}

function card(task: TaskSummary, paint: Paint): (readonly [string, string])[] {
  return [
    ['task', task.id],
    ['name', oneLine(task.name)],
    ...(task.forkedFrom ? [['fork of', forkCell(task)] as const] : []),
    ['state', stateCell(task.state, paint)],
    ['attempt', String(task.attempt)],
    // An older server leaves it out.
    ...(task.unattended ? [['unattended', task.unattended] as const] : []),
    ['daemon', task.daemonId ?? `any of the pool ${task.pool}`],
  ];
}
