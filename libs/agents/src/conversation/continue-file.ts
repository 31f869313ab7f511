import { createHash } from 'node:crypto';
import type { CarriedConversationFile, ConversationFile } from '#contracts';

/** What this daemon has sent of the conversation of this attempt. */
export interface SentConversation {
  /** In the newest checkpoint that carried it. */
  sent: readonly ConversationFile[];
  /** In the newest of these that is stored. */
  stored: readonly ConversationFile[];
}

/**
 * Pure: how a file of a conversation stands to what was sent of it. As long as it begins with what was sent
 * and with what is stored, it has only grown: the same generation, and only the bytes after the stored ones
 * have to be carried. Otherwise it was rewritten: the next generation, carried whole.
 */
export function continueFile(
  path: string,
  bytes: Buffer,
  { sent, stored }: SentConversation,
): CarriedConversationFile {
  const lastSent = sent.find((file) => file.path === path);
  const lastStored = stored.find((file) => file.path === path);
  const generation = Math.max(lastSent?.generation ?? 1, lastStored?.generation ?? 1);
  const ofThisGeneration = [lastSent, lastStored].filter((file) => file?.generation === generation);
  const whole = { path, lengthBytes: bytes.length, sha256: sha256Of(bytes) };
  if (!ofThisGeneration.every((file) => beginsWith(bytes, file!))) {
    return { ...whole, generation: generation + 1, fromByte: 0 };
  }
  const fromByte = lastStored?.generation === generation ? lastStored.lengthBytes : 0;
  return { ...whole, generation, fromByte };
}

function beginsWith(bytes: Buffer, { lengthBytes, sha256 }: ConversationFile): boolean {
  return bytes.length >= lengthBytes && sha256Of(bytes.subarray(0, lengthBytes)) === sha256;
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
