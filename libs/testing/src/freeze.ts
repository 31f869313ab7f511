import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { execaSync } from 'execa';
import { eventually } from './eventually.js';

/**
 * Stops a process with SIGSTOP, and resolves when all its threads are stopped: for a moment after the signal,
 * one on another core may still answer. SIGCONT lets it continue.
 */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await eventually(() => expect(statesOf(pid).filter((state) => !/^[Tt]/.test(state))).toEqual([]), {
    intervalMs: 1,
  });
}

function statesOf(pid: number): string[] {
  const threads = `/proc/${pid}/task`;
  if (!existsSync(threads)) return [execaSync('ps', ['-o', 'stat=', '-p', String(pid)]).stdout];
  return readdirSync(threads).map((thread) => {
    const stat = readFileSync(`${threads}/${thread}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(') ') + 2);
  });
}
