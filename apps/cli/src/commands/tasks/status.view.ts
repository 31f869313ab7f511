import type { RecoveryView, TaskSummary, UnconfirmedCapturesView } from '#contracts';
import { count, duration, oneLine, shortId } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import type { Paint } from '../../output/paint.js';
import { table } from '../../output/table.js';
import { captureHealthLine } from '../../cells/capture-health-line.js';
import { forkCell } from '../../cells/fork-cell.js';
import { recoveryCell } from '../../cells/recovery-cell.js';
import { stateCell } from '../../cells/state-cell.js';
import { unattendedLine } from '../../cells/unattended-line.js';

export interface Status {
  tasks: readonly TaskSummary[];
  daemons: { alive: number; dead: number };
}

/** Pure: `patchpoint status`: what runs, and what would be there if its machine died now. */
export function statusView({ tasks, daemons }: Status, look: Look): string {
  const { paint } = look;
  const head = [
    paint(daemons.alive > 0 ? 'green' : 'red', `${count(daemons.alive, 'daemon')} alive`),
    ...(daemons.dead > 0 ? [paint('red', `${daemons.dead} dead`)] : []),
  ].join(', ');
  if (tasks.length === 0)
    return `${head}\nThere are no unfinished tasks. Create one with \`patchpoint run\`.`;
  const forks = tasks.some((task) => forkCell(task) !== '');
  const rows = tasks.map(({ id, name, state, daemonId, attempt, recovery, unconfirmedCaptures, ...task }) => [
    shortId(id),
    oneLine(name),
    stateCell(state, paint),
    daemonId ?? '–',
    String(attempt),
    ...checkpointCells(recovery, paint),
    // An older server leaves them out.
    daemonId === null ? '–' : unconfirmedCell(unconfirmedCaptures ?? null, paint),
    recoveryCell(recovery, { newest: 'yes, ', nothing: 'no' }, paint),
    ...(forks ? [forkCell(task)] : []),
  ]);
  const header = [
    'TASK',
    'NAME',
    'STATE',
    'DAEMON',
    'ATTEMPT',
    'NEWEST',
    'AGE',
    'WORK',
    'BASE',
    'UNCONFIRMED',
    'RESUMABLE',
    ...(forks ? ['FORK OF'] : []),
  ];
  const failing = tasks.flatMap((task) => captureHealthLine(task, look) ?? []);
  const unlimited = tasks.flatMap((task) => unattendedLine(task, look) ?? []);
  return [head, table(header, rows, { paint, right: [4, 5, 6] }), ...failing, ...unlimited].join('\n');
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

/**
 * After this time without heartbeats, a daemon's numbers are shown as old: four heartbeats at their default
 * interval.
 */
const SAID_LONG_AGO_SECONDS = 60;

/**
 * What the daemon has captured but not seen stored: how much and for how long, or when that was last known.
 */
function unconfirmedCell(unconfirmed: UnconfirmedCapturesView | null, paint: Paint): string {
  if (unconfirmed === null) return '?';
  const { count: waiting, oldestAgeSeconds, saidAgeSeconds } = unconfirmed;
  const number = waiting > 0 ? paint('yellow', String(waiting)) : '0';
  if (saidAgeSeconds >= SAID_LONG_AGO_SECONDS) return `${number}, ${duration(saidAgeSeconds)} ago`;
  return oldestAgeSeconds === null ? number : `${number}, oldest ${duration(oldestAgeSeconds)}`;
}
