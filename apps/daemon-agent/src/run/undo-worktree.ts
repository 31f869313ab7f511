import { basename, join } from 'node:path';
import { backMessage, isCopied, type CheckpointToRestore, type UndoWorktree } from '#contracts';
import { listOwnIgnoredEntries, moveIgnoredEntries } from '#git';
import type { Conversations } from '../conversation/conversations.js';
import { persist } from '../restore/persist.js';
import { restoreCheckpoint, type RestoreCheckpointDependencies } from '../restore/prepare-worktree.js';
import type { TaskRecord } from '../state/task-record.js';
import type { Attempt } from './attempt.js';
import type { TaskDependencies } from './task-run.js';

/** How long the present state may take to be stored before anything is changed. */
const STORED_WITHIN_MILLISECONDS = 60_000;

/** A message is delivered again within minutes, or after a restart. */
const MOST_REMEMBERED = 20;

export interface UndoDependencies extends RestoreCheckpointDependencies {
  conversations: Pick<Conversations, 'restore'>;
  readConversation: TaskDependencies['readConversation'];
  findCheckpoint: TaskDependencies['findCheckpoint'];
  confirmed: TaskDependencies['confirmed'];
}

/**
 * Puts the worktree of an ended attempt back to an older checkpoint, files and conversation, and captures
 * that as its newest state, so that a resume goes on from it wherever it runs. The present state is stored
 * first. May run again for the same order, after a kill at any step: it goes back no further.
 *
 * @throws Error for people, when it could not; the worktree is as it was then
 */
export async function undoWorktree(
  attempt: Attempt,
  order: UndoWorktree,
  deps: UndoDependencies,
): Promise<void> {
  const { undo: before, earlierUndos = [] } = attempt.record() ?? {};
  if (earlierUndos.includes(order.eventId)) return;
  const isRepeated = before?.eventId === order.eventId;
  if (isRepeated && before.isDone) return;
  const wanted = isRepeated
    ? { onlyNumber: before.checkpointNumber }
    : await chooseTarget(attempt, order, deps);
  const target = await deps.findCheckpoint(attempt.spawn, wanted);
  if (target === undefined) throw new Error(nothingThere(order));
  const number = target.checkpointNumber!;
  const undo = { eventId: order.eventId, checkpointNumber: number, treeSha: target.patchTreeSha! };
  await attempt.remember({
    undo: { ...undo, isDone: false },
    ...(before && !isRepeated && { earlierUndos: [...earlierUndos, before.eventId].slice(-MOST_REMEMBERED) }),
  });
  try {
    await restoreFiles(attempt, target, deps);
  } catch (error) {
    await attempt.remember({ undo: before, earlierUndos });
    throw error;
  }
  await restoreConversation(attempt, target, deps);
  await attempt.capture({ kind: 'undo', message: backMessage(number) });
  await attempt.remember({ undo: { ...undo, isDone: true } });
}

/** One back: before the state that the last undo went to, if the files are still those; else before these. */
async function chooseTarget(
  attempt: Attempt,
  { checkpointNumber }: UndoWorktree,
  deps: UndoDependencies,
): Promise<Parameters<UndoDependencies['findCheckpoint']>[1]> {
  const { taskId } = attempt.spawn;
  await attempt.capture({ kind: 'undo', message: 'Before an undo' });
  if (!(await deps.confirmed(taskId, Date.now() + STORED_WITHIN_MILLISECONDS))) {
    throw new Error('The present state of the worktree is not stored yet. Try again when it is.');
  }
  if (checkpointNumber !== undefined) return { onlyNumber: checkpointNumber };
  const { undo, lastCapture } = attempt.record()!;
  const { treeSha } = lastCapture!;
  const isWhereItWasPut = undo?.isDone === true && undo.treeSha === treeSha;
  return {
    otherThanTreeSha: treeSha,
    ...(isWhereItWasPut && { beforeNumber: undo.checkpointNumber }),
  };
}

function nothingThere({ checkpointNumber }: UndoWorktree): string {
  if (checkpointNumber !== undefined) return `Checkpoint ${checkpointNumber} cannot be restored.`;
  return 'There is no older checkpoint with other files that can be restored.';
}

/** What no checkpoint holds (ignored files, such as dependencies) goes along. */
async function restoreFiles(
  attempt: Attempt,
  target: CheckpointToRestore,
  deps: UndoDependencies,
): Promise<void> {
  const { worktreeDir, gitDir, keptAside = [] } = attempt.record() as TaskRecord & { worktreeDir: string };
  const ignored = await listOwnIgnoredEntries(worktreeDir, gitDir);
  const { signal } = new AbortController();
  const outcome = await restoreCheckpoint(attempt.spawn, target, deps, (work) =>
    persist(work, ({ message }) => attempt.say(`Trying again: ${message}`), signal),
  );
  if (outcome.outcome === 'failed') throw new Error(outcome.failedTries.join('; '));
  const { restored } = outcome;
  const { movedAsideTo } = restored;
  await attempt.remember({
    worktreeDir: restored.worktreeDir,
    gitDir: restored.gitDir,
    branchName: restored.branchName,
    keptAside: movedAsideTo === null ? keptAside : [...keptAside, movedAsideTo],
  });
  attempt.say(
    `Worktree is back at checkpoint ${target.checkpointNumber} (tree ${restored.treeSha}, verified)`,
  );
  if (movedAsideTo === null) return;
  const aside = join(movedAsideTo, basename(worktreeDir));
  const left = await moveIgnoredEntries(aside, restored.worktreeDir, ignored);
  if (left.length > 0) attempt.say(`${left.length} ignored files or folders stayed in the older folder`);
  attempt.say(`The folder as it was is kept at ${movedAsideTo} until the task is cleaned up`);
}

/** A later start goes on with what was said until then, or starts over: never with a newer half. */
async function restoreConversation(
  attempt: Attempt,
  { conversation, checkpointNumber, checkpointAttempt }: CheckpointToRestore,
  deps: UndoDependencies,
): Promise<void> {
  const { spawn } = attempt;
  const none = { sessionId: undefined, forkedSessionId: undefined };
  if (conversation === undefined) return attempt.remember(none);
  const { worktreeDir } = attempt.record()!;
  const problem = await deps.conversations.restore(spawn.taskId, worktreeDir!, conversation, (path, offset) =>
    deps.readConversation(spawn, checkpointNumber!, path, offset),
  );
  const { sessionId } = conversation;
  if (problem !== undefined) {
    attempt.say(`Warning: the conversation cannot be put back, and a resume starts over: ${problem}`);
    return attempt.remember(none);
  }
  // The state that a fork began with is still that of the other task.
  await attempt.remember(
    isCopied(checkpointAttempt) ? { ...none, forkedSessionId: sessionId } : { ...none, sessionId },
  );
}
