import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStart } from './process-start.js';

/** A process that an agent started, that left its process group, and that outlived it. */
export interface StrayProcess {
  pid: number;
  startedAt: string;
  /** Program and arguments, shortened. */
  command: string;
}

const MAX_COMMAND_LENGTH = 100;

/**
 * The processes that descend from a task's agents and work in its worktree, by pid. Recognized by the
 * environment that they inherited, so that a person's shell in that folder is none of them. Linux only: none
 * elsewhere.
 */
export async function findStrays(taskId: string, worktreeDir: string): Promise<StrayProcess[]> {
  if (process.platform !== 'linux') return [];
  const folder = await realpath(worktreeDir).catch(() => worktreeDir);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => strayOf(pid, taskId, folder)));
  return found.filter((stray) => stray !== undefined).sort((a, b) => a.pid - b.pid);
}

/** SIGTERM to each, SIGKILL after `graceSeconds` to those that are left. */
export async function endStrays(strays: readonly StrayProcess[], graceSeconds: number): Promise<void> {
  for (const stray of strays) await signal(stray, 'SIGTERM');
  const deadline = Date.now() + graceSeconds * 1000;
  while (Date.now() < deadline && (await left(strays)).length > 0) await sleep(50);
  for (const stray of await left(strays)) await signal(stray, 'SIGKILL');
}

/** Pure: for people. */
export function namesOf(strays: readonly StrayProcess[]): string {
  return strays.map(({ pid, command }) => `${pid} (${command})`).join(', ');
}

/** Of processes of other users, and of those that end just now, nothing can be read. */
async function strayOf(pid: number, taskId: string, folder: string): Promise<StrayProcess | undefined> {
  try {
    const cwd = await readlink(`/proc/${pid}/cwd`);
    if (cwd !== folder && !cwd.startsWith(folder + sep)) return undefined;
    const environment = (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0');
    if (!environment.includes(`PATCHPOINT_TASK_ID=${taskId}`)) return undefined;
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter(Boolean);
    const startedAt = await processStart(pid);
    if (startedAt === undefined) return undefined;
    return { pid, startedAt, command: words.join(' ').replaceAll(/\s+/g, ' ').slice(0, MAX_COMMAND_LENGTH) };
  } catch {
    return undefined;
  }
}

async function left(strays: readonly StrayProcess[]): Promise<StrayProcess[]> {
  const starts = await Promise.all(strays.map(({ pid }) => processStart(pid)));
  return strays.filter(({ startedAt }, index) => starts[index] === startedAt);
}

async function signal({ pid, startedAt }: StrayProcess, name: NodeJS.Signals): Promise<void> {
  if ((await processStart(pid)) !== startedAt) return;
  try {
    process.kill(pid, name);
  } catch {
    // it has just ended
  }
}
