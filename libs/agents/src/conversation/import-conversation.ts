import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConversationCommands } from '../runners/runner.js';
import type { ConversationPlace } from './conversation-place.js';
import { EXPORTED_PATH } from './export-conversation.js';
import { runCommand } from './run-command.js';

const IMPORT_LIMITS = { timeoutMilliseconds: 60_000, maxBytes: 1024 * 1024 };

/**
 * Has the program take a conversation that it exported, on whatever machine, for the worktree that is here.
 *
 * @throws Error for people, when the program does not take it
 */
export async function importConversation(
  { import: words }: ConversationCommands,
  place: ConversationPlace,
  bytes: Buffer,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'patchpoint-conversation-')); // mode 700
  try {
    const file = join(folder, EXPORTED_PATH);
    await writeFile(file, bytes, { mode: 0o600 });
    await runCommand(words, place, IMPORT_LIMITS, { file });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
