import { readdirSync, readFileSync } from 'node:fs';

/** An agent program that a daemon has started, as the kernel sees it. */
export interface TaskProcess {
  readonly pid: number;
  readonly taskId: string;
  readonly attempt: string;
  readonly daemonId: string;
}

/**
 * The agent programs of one run that live now. Each leads a process group; what it starts itself does not.
 * Linux only: elsewhere there is nothing to read, and the list is empty.
 *
 * @param marker `NAME=value` in their environment
 */
export function taskProcesses(marker: string): TaskProcess[] {
  return processesWith(marker).flatMap(({ pid, environment }) => {
    const value = (name: string): string | undefined =>
      environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
    const taskId = value('PATCHPOINT_TASK_ID');
    if (taskId === undefined || !leadsItsGroup(pid)) return [];
    return [{ pid, taskId, attempt: value('PATCHPOINT_ATTEMPT')!, daemonId: value('PATCHPOINT_DAEMON_ID')! }];
  });
}

/** Every process with that `NAME=value` in its environment, but this one. */
export function processesWith(marker: string): { pid: number; environment: string[] }[] {
  return processIds()
    .filter((pid) => pid !== process.pid)
    .map((pid) => ({ pid, environment: read(`/proc/${pid}/environ`).split('\0') }))
    .filter(({ environment }) => environment.includes(marker));
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Fields of proc(5) after the name: state, parent, group. A zombie leads nothing any more. */
function leadsItsGroup(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state !== 'Z' && Number(group) === pid;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it ended meanwhile
  }
}
