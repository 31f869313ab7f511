import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  MAX_CONVERSATION_BYTES,
  MAX_CONVERSATION_FILES,
  MAX_PATCH_SIZE_BYTES,
  readableLine,
  type CarriedConversation,
  type CarriedConversationFile,
  type ConversationFile,
} from '#contracts';
import type { ConversationHome } from '../runners/runner.js';
import { pathExpression, portablePath, type ConversationPlace } from './conversation-place.js';
import { continueFile, type SentConversation } from './continue-file.js';

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
 * next capture.
 *
 * Never follows a link: what a program's home links to is not the task's.
 *
 * @param before empty for the first capture of an attempt
 * @returns undefined when there is nothing yet, and for what is over the limits
 * @throws an error of the file system
 */
export async function readConversation(
  runner: string,
  rule: ConversationHome,
  place: ConversationPlace,
  before: SentConversation,
): Promise<ReadConversation | undefined> {
  const paths = (await findFiles(rule, place)).slice(0, MAX_CONVERSATION_FILES);
  const files: CarriedConversationFile[] = [];
  const tails: Buffer[] = [];
  let linesCount = 0;
  let totalBytes = 0;
  for (const path of paths) {
    const bytes = await readWholeLines(join(place.home, path));
    totalBytes += bytes?.length ?? 0;
    if (totalBytes > MAX_CONVERSATION_BYTES) return undefined;
    if (bytes === undefined || bytes.length === 0) continue;
    const file = continueFile(portablePath(path, place), bytes, before);
    files.push(file);
    tails.push(bytes.subarray(file.fromByte));
    linesCount += countLines(bytes);
  }
  if (files.length === 0) return undefined;
  const data = await compress(Buffer.concat(tails));
  if (data.length > MAX_PATCH_SIZE_BYTES) return undefined;
  return {
    conversation: { runner, sessionId: place.sessionId, files, linesCount },
    data,
    sha256: createHash('sha256').update(data).digest('hex'),
    digest: digestOf(files),
  };
}

/**
 * The agent's own part of the conversation, without that of sub-agents, as Markdown; empty: there is none.
 */
export async function readableConversation(
  rule: ConversationHome,
  place: ConversationPlace,
): Promise<string> {
  const [path] = await findFiles(rule, place);
  const bytes = path === undefined ? undefined : await readWholeLines(join(place.home, path));
  return (bytes?.toString() ?? '').split('\n').map(readableLine).join('');
}

/** Paths below the home, in the order of the patterns. */
async function findFiles({ files }: ConversationHome, place: ConversationPlace): Promise<string[]> {
  const expressions = files.map((pattern) => pathExpression(pattern, place));
  const entries = await readdir(place.home, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(place.home, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  const found = expressions.flatMap((expression) => paths.filter((path) => expression.test(path)));
  return [...new Set(found)];
}

async function readWholeLines(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (file === undefined) return undefined; // gone, or a link by now
  try {
    if ((await file.stat()).size > MAX_CONVERSATION_BYTES) return Buffer.alloc(MAX_CONVERSATION_BYTES + 1);
    const bytes = await file.readFile();
    return path.endsWith('.jsonl') ? bytes.subarray(0, bytes.lastIndexOf('\n') + 1) : bytes;
  } finally {
    await file.close();
  }
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
