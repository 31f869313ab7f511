import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpawnTask } from '#contracts';
import { writeDurably } from '../state/durable-file.js';

/** Files for an agent process, outside of its worktree so that no capture contains them. */
export interface Handover {
  planFile: string;
  /** Set when the task came with a conversation. */
  conversationFile?: string;
}

/** Writes the plan and the conversation so far for one attempt. May run again for the same attempt. */
export async function writeHandover(folder: string, spawn: SpawnTask): Promise<Handover> {
  const own = join(folder, spawn.taskId, String(spawn.attempt));
  await mkdir(own, { recursive: true, mode: 0o700 });
  const planFile = join(own, 'plan');
  await writeDurably(planFile, spawn.plan);
  if (spawn.conversationHistory === undefined || spawn.conversationHistory === null) return { planFile };
  const conversationFile = join(own, 'conversation-history.json');
  await writeDurably(conversationFile, JSON.stringify(spawn.conversationHistory, null, 2));
  return { planFile, conversationFile };
}
