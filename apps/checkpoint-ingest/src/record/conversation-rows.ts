import type { Conversation } from '#contracts';
import {
  findConversationEnds,
  insertConversationParts,
  type ConversationEnd,
  type NewConversationPart,
} from '#database';
import type { EntityManager } from 'typeorm';
import type { VerifiedCheckpoint } from '../verify/verify-checkpoint.js';

/** A read of a slice unpacks a whole row. */
const MAX_PART_BYTES = 1024 * 1024;

/**
 * Stores what checkpoints carry of their conversations, in the transaction of `manager`, which holds the
 * locks of their tasks.
 *
 * @returns the checkpoints whose conversation is whole with it. Of any other one, bytes before those that it
 *   carries are not there: nothing of its conversation is stored
 */
export async function storeConversations(
  manager: EntityManager,
  checkpoints: readonly VerifiedCheckpoint[],
): Promise<Set<VerifiedCheckpoint>> {
  const talking = checkpoints.filter(({ conversation }) => conversation !== null);
  if (talking.length === 0) return new Set();
  const ends = await findConversationEnds(manager, talking.flatMap(filesOf));
  const whole = talking.filter((checkpoint) => !hasGap(checkpoint, ends));
  const parts = longestOfEach(whole.flatMap(partsOf));
  if (parts.length > 0) await insertConversationParts(manager, parts);
  return new Set(whole);
}

/** Pure: a checkpoint's conversation without what only its message needs; null if there is none. */
export function conversationOf({ event }: VerifiedCheckpoint): Conversation | null {
  if (event.conversation === undefined) return null;
  const { runner, sessionId, linesCount, files } = event.conversation;
  return {
    runner,
    sessionId,
    linesCount,
    files: files.map(({ path, lengthBytes, sha256, generation }) => ({
      path,
      lengthBytes,
      sha256,
      generation,
    })),
  };
}

function filesOf({ event }: VerifiedCheckpoint) {
  const { taskId, attempt } = event;
  return event.conversation!.files.map(({ path, generation }) => ({ taskId, attempt, path, generation }));
}

function hasGap({ event }: VerifiedCheckpoint, ends: readonly ConversationEnd[]): boolean {
  const { taskId, attempt } = event;
  return event.conversation!.files.some(({ path, generation, fromByte }) => {
    if (fromByte === 0) return false;
    const end = ends.find(
      (each) =>
        each.taskId === taskId &&
        each.attempt === attempt &&
        each.path === path &&
        each.generation === generation,
    );
    return end === undefined || end.endByte < fromByte;
  });
}

function partsOf({ event, conversation }: VerifiedCheckpoint): NewConversationPart[] {
  const { taskId, attempt } = event;
  return conversation!.flatMap(({ path, generation, startByte, data }) =>
    piecesOf(data).map(({ offset, piece }) => ({
      taskId,
      attempt,
      path,
      generation,
      startByte: startByte + offset,
      data: piece,
    })),
  );
}

function piecesOf(data: Buffer): { offset: number; piece: Buffer }[] {
  const count = Math.ceil(data.length / MAX_PART_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const offset = index * MAX_PART_BYTES;
    return { offset, piece: data.subarray(offset, offset + MAX_PART_BYTES) };
  });
}

/** One statement cannot change a row twice, and two checkpoints of a batch may carry the same beginning. */
function longestOfEach(parts: readonly NewConversationPart[]): NewConversationPart[] {
  const byBeginning = new Map<string, NewConversationPart>();
  for (const part of parts) {
    const key = JSON.stringify([part.taskId, part.attempt, part.path, part.generation, part.startByte]);
    const other = byBeginning.get(key);
    if (other === undefined || other.data.length < part.data.length) byBeginning.set(key, part);
  }
  return [...byBeginning.values()];
}
