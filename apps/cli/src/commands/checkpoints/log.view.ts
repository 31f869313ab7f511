import { isCopied, type CheckpointView, type TaskSummary } from '#contracts';
import { age, oneLine, shortId, size } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import { table } from '../../output/table.js';
import { forkCell } from '../../cells/fork-cell.js';
import { checkpointFlags, lines } from '../../cells/checkpoint-flags.js';
import { stateCell } from '../../cells/state-cell.js';

/** A checkpoint with the sizes of its patch and bundle; null if there are none (any more). */
export type LoggedCheckpoint = CheckpointView & { sizeBytes: number | null };

export interface Log {
  task: TaskSummary;
  checkpoints: readonly LoggedCheckpoint[];
}

/** Pure: `patchpoint log`, newest first. */
export function logView({ task, checkpoints }: Log, { paint, now }: Look): string {
  const origin = task.forkedFrom ? `  fork of ${forkCell(task)}` : '';
  const head = `${paint('bold', oneLine(task.name))}  ${shortId(task.id)}  ${stateCell(task.state, paint)}${origin}`;
  if (checkpoints.length === 0) return `${head}\nNo checkpoint is stored yet.`;
  const rows = checkpoints.map((checkpoint) => [
    `@${checkpoint.number}`,
    age(checkpoint.createdAt, now),
    isCopied(checkpoint.attempt) ? '–' : String(checkpoint.attempt),
    checkpoint.kind,
    checkpoint.filesChanged === null ? '' : String(checkpoint.filesChanged),
    lines(checkpoint, paint),
    checkpoint.sizeBytes === null ? '' : size(checkpoint.sizeBytes),
    oneLine(checkpoint.message).slice(0, 60),
    checkpointFlags(checkpoint, paint).join(', '),
  ]);
  const header = ['', 'AGE', 'ATTEMPT', 'KIND', 'FILES', 'LINES', 'SIZE', 'MESSAGE', ''];
  return `${head}\n${table(header, rows, { paint, right: [0, 1, 2, 4, 6] })}`;
}
