import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { isConversationPath, MAX_CONVERSATION_BYTES, MAX_CONVERSATION_FILES } from '#contracts';
import { pathExpression, portablePath, type ConversationPlace } from './conversation-place.js';
import { ConversationUnusable } from './conversation-unusable.js';

/** A part of a conversation as its program has it now. */
export interface Recorded {
  /** As other machines read it. */
  path: string;
  bytes: Buffer;
}

/**
 * The files of a conversation, with whole lines, in the order of the patterns. Never follows a link: what a
 * program's home links to is not the task's.
 */
export async function* recordedFiles(
  patterns: readonly string[],
  place: ConversationPlace,
): AsyncGenerator<Recorded> {
  for (const path of await findFiles(patterns, place)) {
    const bytes = await readWholeLines(join(place.home, path));
    if (bytes !== undefined && bytes.length > 0) yield { path: portablePath(path, place), bytes };
  }
}

/** Paths below the home, in the order of the patterns. */
async function findFiles(files: readonly string[], place: ConversationPlace): Promise<string[]> {
  const expressions = files.map((pattern) => pathExpression(pattern, place));
  const entries = await readdir(place.home, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(place.home, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  const found = expressions.flatMap((expression) => paths.filter((path) => expression.test(path)));
  // One that could not be stored must not cost the others; the agent's own comes first.
  const storable = found.filter((path) => isConversationPath(portablePath(path, place)));
  return [...new Set(storable)].slice(0, MAX_CONVERSATION_FILES);
}

async function readWholeLines(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (file === undefined) return undefined; // gone, or a link by now
  try {
    const { size } = await file.stat();
    if (size > MAX_CONVERSATION_BYTES) {
      throw new ConversationUnusable(
        `${basename(path)} has ${size} bytes; ${MAX_CONVERSATION_BYTES} are read`,
      );
    }
    const bytes = await file.readFile();
    return path.endsWith('.jsonl') ? bytes.subarray(0, bytes.lastIndexOf('\n') + 1) : bytes;
  } finally {
    await file.close();
  }
}
