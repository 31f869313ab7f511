import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import type { Conversation, ConversationFile } from '#contracts';
import type { ConversationHome } from '../runners/runner.js';
import { pathExpression, pathHere, type ConversationPlace } from './conversation-place.js';
import { EXPORTED_PATH } from './export-conversation.js';
import { importConversation } from './import-conversation.js';

/** Reads bytes of a file of the conversation, from that offset on: at least one. */
export type ReadConversationSlice = (path: string, offsetBytes: number) => Promise<Buffer>;

/** What was read of a conversation is not what was captured. */
export class ConversationDamaged extends Error {
  override readonly name = 'ConversationDamaged';
}

/**
 * Writes the files of a conversation where its program looks for them, readable only by their owner, or has
 * the program take what it exported. All of them, or none: each is compared with its digest first.
 *
 * @param rule a file that its runner would not capture is not written either: it could be the program's
 *   settings
 * @throws ConversationDamaged, what `read` throws, and an Error when the program does not take it
 */
export async function placeConversation(
  conversation: Conversation,
  rule: ConversationHome,
  place: ConversationPlace,
  read: ReadConversationSlice,
): Promise<void> {
  if (rule.commands !== undefined) {
    const [file, ...others] = conversation.files as [ConversationFile, ...ConversationFile[]];
    if (file.path !== EXPORTED_PATH || others.length > 0) throw notOfRunner(file);
    return importConversation(rule.commands, place, await readFile(file, read));
  }
  const placed: { temporary: string; path: string }[] = [];
  try {
    for (const file of conversation.files) {
      const path = pathOf(file, rule, place);
      const temporary = `${path}.patchpoint`;
      const bytes = await readFile(file, read);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(temporary, bytes, { mode: 0o600 });
      placed.push({ temporary, path });
    }
    for (const { temporary, path } of placed) await rename(temporary, path);
  } finally {
    for (const { temporary } of placed) await rm(temporary, { force: true });
  }
}

function pathOf(file: ConversationFile, { files = [] }: ConversationHome, place: ConversationPlace): string {
  const path = pathHere(file.path, place);
  const below = relative(place.home, path);
  if (files.some((pattern) => pathExpression(pattern, place).test(below))) return path;
  throw notOfRunner(file);
}

function notOfRunner({ path }: ConversationFile): ConversationDamaged {
  return new ConversationDamaged(`${path} is no file of a conversation of this runner`);
}

async function readFile(file: ConversationFile, read: ReadConversationSlice): Promise<Buffer> {
  const slices: Buffer[] = [];
  let offset = 0;
  while (offset < file.lengthBytes) {
    const slice = await read(file.path, offset);
    if (slice.length === 0) throw new ConversationDamaged(`${file.path} ends after ${offset} bytes`);
    slices.push(slice);
    offset += slice.length;
  }
  const bytes = Buffer.concat(slices);
  if (createHash('sha256').update(bytes).digest('hex') === file.sha256) return bytes;
  throw new ConversationDamaged(`${file.path} is not what was captured: its digest differs`);
}
