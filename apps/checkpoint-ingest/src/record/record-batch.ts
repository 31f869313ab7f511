import type { CheckpointCreated } from '#contracts';
import {
  findAttemptHolders,
  findRecordedEvents,
  insertCheckpoints,
  insertPatches,
  lockTasks,
  raiseCheckpointNumbers,
  type LockedTask,
} from '#database';
import type { Announce } from '#outbox';
import type { EntityManager } from 'typeorm';
import { announcement, type StoredAs } from '../announce/announce-checkpoint.js';
import { checkpointRows, type CheckpointRows } from './checkpoint-rows.js';
import { conversationOf, storeConversations } from './conversation-rows.js';
import { decideCheckpoints, eventConflict, type Decision } from './decide-checkpoints.js';
import { contentDigest, type VerifiedCheckpoint } from '../verify/verify-checkpoint.js';

/** A checkpoint that was stored by this transaction or an earlier one. */
export interface RecordedCheckpoint extends StoredAs {
  isRepetition: boolean;
}

/** One for each checkpoint of a batch. */
export type Verdict = { recorded: RecordedCheckpoint } | { refused: Error };

/**
 * Stores a batch of checkpoints with their patches and bundles, numbers and announcements, in the transaction
 * of `manager`.
 *
 * The tasks' rows stay locked until it commits, so that numbers are assigned in commit order, and an event
 * that two replicas have at the same time is stored by the first and found by the second.
 *
 * Within a batch they are stored in the order of the captures: what waited on a disk arrives at once, and in
 * any order.
 *
 * @param batch in order of arrival
 * @returns one verdict for each, in the same order; they hold once the transaction has committed
 */
export async function recordBatch(
  manager: EntityManager,
  announce: Announce,
  batch: readonly VerifiedCheckpoint[],
): Promise<Verdict[]> {
  const inOrder = batch.toSorted(byCapture);
  const verdicts = await recordInOrder(manager, announce, inOrder);
  return batch.map((checkpoint) => verdicts[inOrder.indexOf(checkpoint)]!);
}

function byCapture({ event: one }: VerifiedCheckpoint, { event: other }: VerifiedCheckpoint): number {
  return one.attempt - other.attempt || one.sequence - other.sequence;
}

async function recordInOrder(
  manager: EntityManager,
  announce: Announce,
  batch: readonly VerifiedCheckpoint[],
): Promise<Verdict[]> {
  const tasks = await lockTasks(manager, unique(batch.map(({ event }) => event.taskId)));
  const holders = await findAttemptHolders(manager, olderAttempts(batch, tasks));
  const recorded = await findRecordedEvents(manager, unique(batch.map(({ event }) => event.eventId)));
  const decisions = decideCheckpoints(batch, tasks, holders, recorded);

  const isStored = (_: unknown, index: number): boolean => decisions[index]!.kind === 'store';
  const whole = await storeConversations(manager, batch.filter(isStored));
  const rows = decisions.map((decision, index) => {
    if (decision.kind !== 'store') return undefined;
    const checkpoint = batch[index]!;
    const conversation = whole.has(checkpoint) ? conversationOf(checkpoint) : null;
    return checkpointRows(checkpoint, { ...decision, conversation });
  });
  const storedAt = await insertRows(
    manager,
    rows.filter((row) => row !== undefined),
  );

  const verdicts = decisions.map((_, index) => verdictOn(index, decisions, rows, storedAt));
  await announce(announcements(batch, verdicts));
  return verdicts;
}

/**
 * Announces again what an earlier transaction stored for this event. Undefined: it was not stored before.
 *
 * @throws ContractError `EVENT_CONFLICT`
 */
export async function announceRecorded(
  manager: EntityManager,
  announce: Announce,
  event: CheckpointCreated,
): Promise<RecordedCheckpoint | undefined> {
  const [recorded] = await findRecordedEvents(manager, [event.eventId]);
  if (!recorded) return undefined;
  if (recorded.contentSha256 !== contentDigest(event)) throw eventConflict(event);
  await announce([announcement(event, recorded)]);
  return { ...recorded, isRepetition: true };
}

function verdictOn(
  index: number,
  decisions: readonly Decision[],
  rows: readonly (CheckpointRows | undefined)[],
  storedAt: Date | undefined,
): Verdict {
  const decision = decisions[index]!;
  switch (decision.kind) {
    case 'store': {
      const { id, number, patchId, bundleId, superseded, conversation } = rows[index]!.checkpoint;
      const stored = { checkpointId: id, number, patchId, bundleId, superseded, createdAt: storedAt! };
      return { recorded: { ...stored, hasConversation: conversation !== null, isRepetition: false } };
    }
    case 'repeat':
      return { recorded: { ...decision.recorded, isRepetition: true } };
    case 'same-as': {
      const twin = verdictOn(decision.index, decisions, rows, storedAt);
      return 'recorded' in twin ? { recorded: { ...twin.recorded, isRepetition: true } } : twin;
    }
    case 'refuse':
      return { refused: decision.error };
  }
}

async function insertRows(
  manager: EntityManager,
  rows: readonly CheckpointRows[],
): Promise<Date | undefined> {
  if (rows.length === 0) return undefined;
  const checkpoints = rows.map((row) => row.checkpoint);
  const patches = rows.flatMap((row) => row.patches);
  const storedAt = await insertCheckpoints(manager, checkpoints);
  if (patches.length > 0) await insertPatches(manager, patches);
  await raiseCheckpointNumbers(manager, new Map(checkpoints.map(({ taskId, number }) => [taskId, number])));
  return storedAt;
}

/** Also for repeated events: a daemon sends an event again because it has not seen the answer. */
function announcements(batch: readonly VerifiedCheckpoint[], verdicts: readonly Verdict[]) {
  return verdicts.flatMap((verdict, index) =>
    'recorded' in verdict ? [announcement(batch[index]!.event, verdict.recorded)] : [],
  );
}

/** The tasks for which a late checkpoint has arrived: for the others, the task itself names the holder. */
function olderAttempts(batch: readonly VerifiedCheckpoint[], tasks: readonly LockedTask[]): string[] {
  const current = new Map(tasks.map(({ id, attempt }) => [id, attempt]));
  const late = batch.filter(({ event }) => event.attempt < (current.get(event.taskId) ?? 0));
  return unique(late.map(({ event }) => event.taskId));
}

function unique(ids: string[]): string[] {
  return [...new Set(ids)];
}
