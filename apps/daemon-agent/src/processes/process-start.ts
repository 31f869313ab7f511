import { readFile } from 'node:fs/promises';

/** Boot-relative start time of a process on Linux, its existence elsewhere; undefined when there is none. */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return exists(pid) ? 'running' : undefined;
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // Fields after the parenthesized name: state is the first, start time the twentieth (proc(5), fields 3
    // and 22).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
