import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpawnTask } from '#contracts';
import { writeDurably } from '../state/durable-file.js';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';
import { recoveryBrief } from './recovery-brief.js';

/** Files for an agent process, outside of its worktree so that no capture contains them. */
export interface Handover {
  planFile: string;
  /** Set when there is a conversation that the program does not continue from its own records. */
  conversationFile?: string;
  /** Set on a resume, and where the setup failed. */
  recoveryBriefFile?: string;
  /** Set for a program that takes its hooks from a file. */
  hooksFile?: string;
}

/**
 * Writes the files that an attempt gets in addition to its worktree. May run again for the same attempt.
 *
 * @param more `readable`: the conversation so far, as text; `hooks`: settings that make a program report its
 *   steps
 */
export async function writeHandover(
  folder: string,
  spawn: SpawnTask,
  worktree: PreparedWorktree,
  { readable, hooks }: { readable?: string; hooks?: object } = {},
): Promise<Handover> {
  const own = join(folder, spawn.taskId, String(spawn.attempt));
  await mkdir(own, { recursive: true, mode: 0o700 });
  const write = async (name: string, content: string): Promise<string> => {
    await writeDurably(join(own, name), content);
    return join(own, name);
  };
  const planFile = await write('plan', spawn.plan);
  const conversationFile = await writeConversation(spawn, readable, write);
  const needsBrief = spawn.resumeSession || worktree.setup?.problem !== undefined;
  const recoveryBriefFile = needsBrief
    ? await write('recovery-brief.md', recoveryBrief(spawn, worktree, conversationFile))
    : undefined;
  const hooksFile = hooks && (await write('hooks.json', JSON.stringify(hooks)));
  return { planFile, conversationFile, recoveryBriefFile, hooksFile };
}

/** What the task came with, as it came, goes before what its program had recorded. */
async function writeConversation(
  { conversationHistory }: SpawnTask,
  readable: string | undefined,
  write: (name: string, content: string) => Promise<string>,
): Promise<string | undefined> {
  if (conversationHistory !== undefined && conversationHistory !== null) {
    return write('conversation-history.json', conversationHistory.text);
  }
  return readable === undefined ? undefined : write('conversation.md', readable);
}
