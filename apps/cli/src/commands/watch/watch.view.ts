import type { CheckpointStored, TaskView } from '#contracts';
import { count, duration, oneLine, shortId, size } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import { shellWord } from '../../output/shell-word.js';
import type { LastCapture } from './judge-watch.js';
import { lines } from '../../cells/checkpoint-flags.js';

/** What `patchpoint watch --json` prints, one object per line. */
export type WatchItem =
  | {
      event: 'watching';
      taskId: string;
      name: string;
      attempt: number;
      worktreeDir: string;
      everySeconds: number;
    }
  | { event: 'stored'; checkpoint: CheckpointStored }
  | { event: 'warning'; message: string }
  /** No server can be reached since then; the worktree is captured all the same. */
  | { event: 'cut-off'; since: string; reason: string; unconfirmedCount: number }
  /** Captured without a server. */
  | { event: 'kept'; unconfirmedCount: number }
  | {
      event: 'connected';
      server: string;
      /** Null: it has just ended. */
      attempt: number | null;
      /** Of those that waited on this disk. */
      deliveredCount: number;
      unconfirmedCount: number;
    }
  | EndedItem;

export interface EndedItem {
  event: 'ended';
  /** Null: it ended on request, by Ctrl-C or `--once`. */
  reason: string | null;
  /** What became of the last state of the worktree. */
  lastCapture: LastCapture;
  /** Of the task, not of this watch alone. */
  newestCheckpointNumber: number | null;
  /** That one, if it is of this watch; else whether anything of the task is. */
  isRestorable: boolean;
  /** Kept on this machine, and sent by the next watch. */
  unconfirmedCount: number;
}

/** Pure: one item of a watch, for a person. */
export function watchView(task: Pick<TaskView, 'id' | 'name'>): (item: WatchItem, look: Look) => string {
  return (item, { paint, now }) => {
    switch (item.event) {
      case 'watching':
        return `Watching ${paint('bold', oneLine(item.worktreeDir))} as ${nameOf(task)}: ${pace(item.everySeconds)}`;
      case 'stored':
        return `${clock(now)}  ${storedLine(item.checkpoint, { paint, now })}`;
      case 'warning':
        return `${clock(now)}  ${paint('yellow', oneLine(item.message))}`;
      case 'cut-off':
        return `${clock(now)}  ${paint('yellow', cutOffLine(item))}`;
      case 'kept':
        return `${clock(now)}  ${paint('yellow', `no server: ${waiting(item.unconfirmedCount)} on this disk`)}`;
      case 'connected':
        return `${clock(now)}  ${paint('green', connectedLine(item))}`;
      case 'ended':
        return endedLine(item, task);
    }
  };
}

function cutOffLine({ since, reason, unconfirmedCount }: ItemOf<'cut-off'>): string {
  const at = clock(new Date(since)).slice(0, 5);
  return `cut off since ${at}: ${oneLine(reason)} ${waiting(unconfirmedCount)} on this disk; captures go on.`;
}

function connectedLine({ deliveredCount, unconfirmedCount }: ItemOf<'connected'>): string {
  const left = unconfirmedCount === 0 ? '' : `, ${waiting(unconfirmedCount)} on this disk`;
  return `connected again, ${deliveredCount} delivered${left}`;
}

function waiting(checkpoints: number): string {
  return `${count(checkpoints, 'checkpoint')} ${checkpoints === 1 ? 'waits' : 'wait'}`;
}

type ItemOf<Event extends WatchItem['event']> = Extract<WatchItem, { event: Event }>;

function nameOf({ id, name }: Pick<TaskView, 'id' | 'name'>): string {
  return `${oneLine(name)} (${shortId(id)})`;
}

function pace(everySeconds: number): string {
  if (everySeconds === 0) return 'one checkpoint.';
  return `a checkpoint every ${duration(everySeconds)} if something changed, and one at the end. Press Ctrl-C to stop.`;
}

/** In the local time zone. */
function clock(now: Date): string {
  return now.toTimeString().slice(0, 8);
}

function storedLine(checkpoint: CheckpointStored, { paint }: Look): string {
  const { checkpointNumber, filesChanged = 0, linesAdded = null, linesRemoved = null } = checkpoint;
  const bytes = (checkpoint.patchSizeBytes ?? 0) + (checkpoint.bundleSizeBytes ?? 0);
  return [
    paint('green', `stored @${checkpointNumber}`),
    filesChanged === 0 ? 'clean' : count(filesChanged, 'file'),
    lines({ linesAdded, linesRemoved }, paint),
    checkpoint.hasPatch ? size(bytes) : paint('red', `no patch (${checkpoint.patchAbsentReason})`),
    checkpoint.omissionsCount > 0 ? paint('yellow', count(checkpoint.omissionsCount, 'omission')) : '',
    checkpoint.superseded ? paint('yellow', 'superseded') : '',
  ]
    .filter(Boolean)
    .join('  ');
}

const ENDINGS: Readonly<Record<LastCapture, string>> = {
  stored: 'Ended. The last state is stored.',
  waiting: 'Ended. The last state is captured and waits on this disk.',
  failed: 'Ended. The last state could not be captured.',
  'cut-off': 'Cut off. The last state may be in no checkpoint.',
  none: 'Ended.',
};

function endedLine(item: EndedItem, { name }: Pick<TaskView, 'name'>): string {
  const { lastCapture, newestCheckpointNumber: newest, isRestorable } = item;
  if (newest === null) return `${ENDINGS[lastCapture]} Nothing is stored yet.`;
  const words = `${ENDINGS[lastCapture]} The newest stored checkpoint is @${newest}.`;
  if (!isRestorable) return words;
  return `${words} To have it somewhere else:\n  patchpoint restore ${shellWord(oneLine(name))} --into FOLDER`;
}
