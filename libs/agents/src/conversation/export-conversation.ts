import { MAX_CONVERSATION_STEP_BYTES } from '#contracts';
import type { ConversationCommands } from '../runners/runner.js';
import type { ConversationPlace } from './conversation-place.js';
import { ConversationUnusable } from './conversation-unusable.js';
import { runCommand } from './run-command.js';

/** What an export is called in a checkpoint. */
export const EXPORTED_PATH = 'exported.json';

/** opencode takes 2 to 8 s, most of it to start (seen with 1.18). A capture waits for it. */
const EXPORT_LIMITS = { timeoutMilliseconds: 30_000, maxBytes: 4 * MAX_CONVERSATION_STEP_BYTES };

/**
 * The conversation as its program prints it.
 *
 * @throws ConversationUnusable when it is more than a checkpoint carries: a part of it is of no use
 * @throws Error when the program has none of that id, or does not end in time
 */
export async function exportConversation(
  { export: words }: ConversationCommands,
  place: ConversationPlace,
): Promise<Buffer> {
  const printed = await runCommand(words, place, EXPORT_LIMITS);
  const bytes = Buffer.from(inLines(printed.toString()));
  if (bytes.length <= MAX_CONVERSATION_STEP_BYTES) return bytes;
  throw new ConversationUnusable(
    `its export has ${bytes.length} bytes; ${MAX_CONVERSATION_STEP_BYTES} are carried`,
  );
}

/** Whether the program has a conversation of that id already. */
export async function hasConversation(
  { export: words }: ConversationCommands,
  place: ConversationPlace,
): Promise<boolean> {
  return runCommand(words, place, EXPORT_LIMITS).then(
    () => true,
    () => false,
  );
}

/**
 * Pure: the same JSON with a line for each element of its lists, so that lines can be counted and read as
 * those of other programs are. What is no JSON object stays as it is.
 */
export function inLines(text: string): string {
  const value = parsed(text);
  if (value === undefined) return text;
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}:${linesOf(field)}`);
  return `{${fields.join(',\n')}}\n`;
}

function linesOf(field: unknown): string {
  if (!Array.isArray(field) || field.length === 0) return JSON.stringify(field);
  return `[\n${field.map((each) => JSON.stringify(each)).join(',\n')}\n]`;
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
