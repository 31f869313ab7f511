import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  CarriedConversation,
  decodeValue,
  MAX_CONVERSATION_STEP_BYTES,
  readableLine,
  type CarriedConversationFile,
  type ConversationFile,
} from '#contracts';
import type { ConversationHome } from '../runners/runner.js';
import type { ConversationPlace } from './conversation-place.js';
import { ConversationUnusable } from './conversation-unusable.js';
import { continueFile, type SentConversation } from './continue-file.js';
import { exportConversation, EXPORTED_PATH, hasConversation } from './export-conversation.js';
import { recordedFiles, type Recorded } from './recorded-files.js';

export { ConversationUnusable } from './conversation-unusable.js';
export type { SentConversation } from './continue-file.js';

/** A conversation as a capture found it. */
export interface ReadConversation {
  conversation: CarriedConversation;
  /** Gzip-compressed: the bytes of each file from its `fromByte` on, one after the other. */
  data: Buffer;
  /** Of `data`, hex. */
  sha256: string;
  /** Of all files whole: the identity of this state of the conversation. */
  digest: string;
}

const compress = promisify(gzip);

/**
 * Reads what an agent program has recorded so far. A file that grew is carried from where the stored part
 * ends; one that was rewritten, whole. Lines are whole: what the program is writing just now comes with the
 * next capture, and so does what is more than a checkpoint carries.
 *
 * @param before empty for the first capture of an attempt
 * @returns undefined when there is nothing yet
 * @throws ConversationUnusable for what is over the limits, or is gone; an error of the file system
 */
export async function readConversation(
  runner: string,
  rule: ConversationHome,
  place: ConversationPlace,
  before: SentConversation,
): Promise<ReadConversation | undefined> {
  const files: CarriedConversationFile[] = [];
  const tails: Buffer[] = [];
  let linesCount = 0;
  let leftBytes = MAX_CONVERSATION_STEP_BYTES;
  for await (const { path, bytes } of recordsOf(rule, place)) {
    const step = nextStep(continueFile(path, bytes, before), bytes, leftBytes);
    if (step === undefined) continue;
    files.push(step.file);
    tails.push(step.tail);
    leftBytes -= step.tail.length;
    linesCount += countLines(bytes.subarray(0, step.file.lengthBytes));
  }
  if (files.length === 0) {
    if (before.sent.length === 0) return undefined;
    throw new ConversationUnusable('its files are gone, or are links now');
  }
  const data = await compress(Buffer.concat(tails));
  return {
    conversation: valid({ runner, sessionId: place.sessionId, files, linesCount }),
    data,
    sha256: createHash('sha256').update(data).digest('hex'),
    digest: digestOf(files),
  };
}

/** Pure: as much of a file as there is room for. Undefined: not even its next line, and nothing is stored. */
function nextStep(
  file: CarriedConversationFile,
  bytes: Buffer,
  leftBytes: number,
): { file: CarriedConversationFile; tail: Buffer } | undefined {
  const { fromByte } = file;
  if (bytes.length - fromByte <= leftBytes) return { file, tail: bytes.subarray(fromByte) };
  const room = bytes.subarray(0, fromByte + leftBytes);
  const lengthBytes = Math.max(fromByte, room.lastIndexOf('\n') + 1);
  if (lengthBytes === 0) return undefined;
  const sha256 = createHash('sha256').update(bytes.subarray(0, lengthBytes)).digest('hex');
  return { file: { ...file, lengthBytes, sha256 }, tail: bytes.subarray(fromByte, lengthBytes) };
}

/** What would be refused where it is stored must not cost the files that it comes with. */
function valid(conversation: CarriedConversation): CarriedConversation {
  try {
    return decodeValue(CarriedConversation, conversation);
  } catch (error) {
    throw new ConversationUnusable((error as Error).message, { cause: error });
  }
}

/**
 * The agent's own part of the conversation, without that of sub-agents, as Markdown; empty: there is none.
 */
export async function readableConversation(
  rule: ConversationHome,
  place: ConversationPlace,
): Promise<string> {
  for await (const { bytes } of recordsOf(rule, place)) {
    return bytes.toString().split('\n').map(readableLine).join('');
  }
  return '';
}

/** Whether the program has recorded anything under the id of this conversation. */
export async function hasRecorded(rule: ConversationHome, place: ConversationPlace): Promise<boolean> {
  if (rule.commands !== undefined) return hasConversation(rule.commands, place);
  const own = rule.files!.filter((pattern) => pattern.includes('{sessionId}'));
  for await (const _ of recordedFiles(own, place)) return true;
  return false;
}

/** The agent's own before those of sub-agents; none is empty. */
async function* recordsOf(rule: ConversationHome, place: ConversationPlace): AsyncGenerator<Recorded> {
  if (rule.commands === undefined) return yield* recordedFiles(rule.files ?? [], place);
  const bytes = await exportConversation(rule.commands, place);
  if (bytes.length > 0) yield { path: EXPORTED_PATH, bytes };
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** Pure: whether two states of a conversation are the same. */
export function digestOf(files: readonly Pick<ConversationFile, 'path' | 'sha256'>[]): string {
  const identity = files.map(({ path, sha256 }) => [path, sha256]);
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
