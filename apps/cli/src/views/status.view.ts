import type { RecoveryView, TaskSummary } from '../client/patch-store.views.js';
import { count, duration, oneLine, shortId } from '../output/format.js';
import type { Look } from '../output/output.js';
import type { Paint } from '../output/paint.js';
import { table } from '../output/table.js';
import { stateCell } from './tasks.view.js';

export interface Status {
  tasks: readonly TaskSummary[];
  daemons: { alive: number; dead: number };
}

/** Pure: `patchpoint status`: what runs, and what would be there if its machine died now. */
export function statusView({ tasks, daemons }: Status, { paint }: Look): string {
  const head = [
    paint(daemons.alive > 0 ? 'green' : 'red', `${count(daemons.alive, 'daemon')} alive`),
    ...(daemons.dead > 0 ? [paint('red', `${daemons.dead} dead`)] : []),
  ].join(', ');
  if (tasks.length === 0) return `${head}\nNo task is unfinished. Create one with \`patchpoint run\`.`;
  const rows = tasks.map(({ id, name, state, daemonId, attempt, recovery }) => [
    shortId(id),
    oneLine(name),
    stateCell(state, paint),
    daemonId ?? '–',
    String(attempt),
    ...checkpointCells(recovery, paint),
    resumeCell(recovery, paint),
  ]);
  const header = ['TASK', 'NAME', 'STATE', 'DAEMON', 'ATTEMPT', 'NEWEST', 'AGE', 'WORK', 'BASE', 'RESUMABLE'];
  return `${head}\n${table(header, rows, { paint, right: [4, 5, 6] })}`;
}

function checkpointCells({ newestCheckpoint }: RecoveryView, paint: Paint): string[] {
  if (newestCheckpoint === null) return ['–', '–', '–', '–'];
  const { number, ageSeconds, isClean, filesChanged, baseReachable } = newestCheckpoint;
  return [
    `@${number}`,
    duration(ageSeconds),
    isClean === null ? '' : isClean ? 'clean' : count(filesChanged ?? 0, 'file'),
    baseReachable === null ? '' : baseReachable ? 'reachable' : paint('yellow', 'not pushed'),
  ];
}

const LOSSES: Readonly<Record<string, string>> = {
  'no-checkpoint': 'no checkpoint yet',
  expired: 'patch expired or deleted',
  'too-large': 'patch over the size limit',
  disabled: 'patches are switched off',
};

/** What a resume would bring back, and why that is not the newest state. */
function resumeCell({ restorableCheckpointNumber, notNewestBecause }: RecoveryView, paint: Paint): string {
  const reason = notNewestBecause === null ? '' : (LOSSES[notNewestBecause] ?? notNewestBecause);
  if (restorableCheckpointNumber === null) return paint('red', `no: ${reason}`);
  if (reason === '') return paint('green', `yes, @${restorableCheckpointNumber}`);
  return paint('yellow', `only @${restorableCheckpointNumber}: ${reason}`);
}
