import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpawnTask } from '#contracts';
import { writeDurably } from '../state/durable-file.js';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';
import { recoveryBrief } from './recovery-brief.js';

/** Files for an agent process, outside of its worktree so that no capture contains them. */
export interface Handover {
  planFile: string;
  /** Set when the task came with a conversation. */
  conversationFile?: string;
  /** Set on a resume. */
  recoveryBriefFile?: string;
}

/** Writes the files that an attempt gets in addition to its worktree. May run again for the same attempt. */
export async function writeHandover(
  folder: string,
  spawn: SpawnTask,
  worktree: PreparedWorktree,
): Promise<Handover> {
  const own = join(folder, spawn.taskId, String(spawn.attempt));
  await mkdir(own, { recursive: true, mode: 0o700 });
  const write = async (name: string, content: string): Promise<string> => {
    await writeDurably(join(own, name), content);
    return join(own, name);
  };
  const planFile = await write('plan', spawn.plan);
  const hasConversation = spawn.conversationHistory !== undefined && spawn.conversationHistory !== null;
  const conversationFile = hasConversation
    ? await write('conversation-history.json', JSON.stringify(spawn.conversationHistory, null, 2))
    : undefined;
  const recoveryBriefFile = spawn.resumeSession
    ? await write('recovery-brief.md', recoveryBrief(spawn, worktree, conversationFile))
    : undefined;
  return { planFile, conversationFile, recoveryBriefFile };
}
