import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stack } from './stack.js';

/**
 * What the death of a machine looks like from outside: the daemon and its agent process are killed without
 * warning, and everything that was on their disk is gone.
 */
export async function loseMachine(stack: Stack, daemonId: string, taskId: string): Promise<void> {
  const stateDir = stack.stateDirOf(daemonId);
  const agentGroup = await processGroupOf(stateDir, taskId);
  await stack.agent(daemonId).kill();
  process.kill(-agentGroup, 'SIGKILL');
  await rm(stateDir, { recursive: true, force: true, maxRetries: 10 });
}

/** The agent process leads its own process group; its id is in the daemon's record of the task. */
async function processGroupOf(stateDir: string, taskId: string): Promise<number> {
  const record = JSON.parse(await readFile(join(stateDir, 'tasks', `${taskId}.json`), 'utf8')) as {
    process?: { pid: number };
  };
  if (record.process === undefined) throw new Error(`Task ${taskId} has no agent process to kill.`);
  return record.process.pid;
}
