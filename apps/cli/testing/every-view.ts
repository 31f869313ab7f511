import type { View } from '../src/output/output.js';
import { aCheckpoint, aDaemon, aDeadLetter, aStoredCheckpoint, aTask, aToken, held } from './shown-data.js';
import { logView } from '../src/commands/checkpoints/log.view.js';
import { showView } from '../src/commands/checkpoints/show.view.js';
import { doctorView } from '../src/commands/doctor/doctor.view.js';
import { daemonsView } from '../src/commands/operate/daemons.view.js';
import { deadLettersView, deadLetterView } from '../src/commands/operate/dead-letters.view.js';
import { createdTokenView, tokensView } from '../src/commands/operate/token.view.js';
import { decidedView, holdsView } from '../src/commands/hold/hold.view.js';
import { eventView } from '../src/commands/operate/event.view.js';
import { previewView, restoredPathsView, restoredView } from '../src/commands/restore/restore.view.js';
import { followedView } from '../src/commands/tasks/followed.view.js';
import { forkedTasksView } from '../src/commands/tasks/fork.view.js';
import { statusView } from '../src/commands/tasks/status.view.js';
import { resumedTaskView, taskCardView } from '../src/commands/tasks/task.view.js';
import { tasksView } from '../src/commands/tasks/tasks.view.js';
import { watchView, type WatchItem } from '../src/commands/watch/watch.view.js';

/** A view with data that it shows, and which of its fields may have several lines. */
export interface Shown {
  view: View<never>;
  data: object;
  severalLines?: readonly string[];
}

const shown = <T extends object>(view: View<T>, data: T, severalLines?: readonly string[]): Shown => ({
  view,
  data,
  ...(severalLines && { severalLines }),
});

const restored = {
  taskId: aTask.id,
  checkpointNumber: 2,
  treeSha: aCheckpoint.treeSha,
  baseSha: aCheckpoint.treeSha,
  folder: '/tmp/found',
  branchName: 'fix',
  commitsCount: 1,
  filesChanged: 1,
  checkpointAgeSeconds: 5,
  omissions: aCheckpoint.omissions,
  setup: 'npm ci',
};
const placed = { sessionId: aTask.id, linesCount: 3, command: ['claude', '--resume', 'x'], problem: null };
const notPlaced = { sessionId: null, linesCount: null, command: null, problem: 'there is one already' };
const announced = {
  id: '1',
  event: 'task-failed',
  data: {
    taskId: aTask.id,
    daemonId: 'daemon-1',
    attempt: 1,
    checkpointNumber: 2,
    code: 'X',
    message: 'm',
    error: 'e',
    reason: 'r',
    at: aTask.createdAt,
  },
};
const output = { id: '1', event: 'task-output', data: { stream: 'stdout', text: 'hello' } };
const ofPatchpoint = { id: '1', event: 'task-output', data: { stream: 'system', text: 'hello' } };
const preview = {
  task: aTask,
  checkpointNumber: 2,
  baseSha: aCheckpoint.treeSha,
  treeSha: aCheckpoint.treeSha,
  folder: '/tmp/found',
  files: aCheckpoint.files!,
};

const watched: WatchItem[] = [
  { event: 'watching', taskId: aTask.id, name: 'site', attempt: 1, worktreeDir: '/site', everySeconds: 60 },
  { event: 'stored', checkpoint: aStoredCheckpoint },
  { event: 'warning', message: 'careful' },
  { event: 'cut-off', since: aTask.createdAt, reason: 'No answer.', unconfirmedCount: 1 },
  { event: 'kept', unconfirmedCount: 1 },
  { event: 'connected', server: 'http://x', attempt: 1, deliveredCount: 1, unconfirmedCount: 1 },
  {
    event: 'ended',
    reason: 'stopped',
    lastCapture: 'stored',
    newestCheckpointNumber: 1,
    isRestorable: true,
    unconfirmedCount: 0,
  },
];

/** Every view that `Output` shows, by the name that it is exported by. */
export const everyView: Readonly<Record<string, readonly Shown[]>> = {
  logView: [shown(logView, { task: aTask, checkpoints: [{ ...aCheckpoint, sizeBytes: 3 }] })],
  showView: [shown(showView, { task: aTask, checkpoint: aCheckpoint })],
  doctorView: [
    shown(doctorView, { findings: [{ what: 'git', status: 'problem', found: 'none', fix: 'Install it.' }] }),
  ],
  daemonsView: [shown(daemonsView, { daemons: [aDaemon] })],
  deadLettersView: [shown(deadLettersView, { deadLetters: [aDeadLetter] })],
  deadLetterView: [
    shown(deadLetterView, aDeadLetter, ['payloadText']),
    shown(deadLetterView, { ...aDeadLetter, payloadText: null }),
  ],
  eventView: [shown(eventView, announced)],
  restoredView: [
    shown(restoredView, { ...restored, conversation: placed }),
    shown(restoredView, { ...restored, conversation: notPlaced }),
  ],
  restoredPathsView: [
    shown(restoredPathsView, { ...restored, written: ['src/a.ts'], unchanged: ['src/b.ts'] }),
  ],
  previewView: [shown(previewView, preview)],
  followedView: [
    shown(followedView, announced),
    shown(followedView, output, ['text']),
    shown(followedView, ofPatchpoint, ['text']),
  ],
  forkedTasksView: [shown(forkedTasksView, { tasks: [{ ...aTask, requestedDaemonId: null }, aTask] })],
  statusView: [shown(statusView, { tasks: [aTask], daemons: { alive: 1, dead: 1 } })],
  taskCardView: [shown(taskCardView, { ...aTask, daemonId: null }), shown(taskCardView, aTask)],
  resumedTaskView: [shown(resumedTaskView, aTask)],
  tasksView: [shown(tasksView, { tasks: [aTask] })],
  createdTokenView: [shown(createdTokenView, aToken)],
  tokensView: [shown(tokensView, { tokens: [{ ...aToken, revokedAt: null }, aToken] })],
  holdsView: [shown(holdsView, { held: [held] })],
  decidedView: [
    shown(decidedView, { ...held, decision: 'release' }),
    shown(decidedView, { ...held, decision: 'omit' }),
  ],
  watchView: watched.map((item) => shown(watchView(aTask), item)),
};
