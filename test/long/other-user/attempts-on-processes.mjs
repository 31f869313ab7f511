import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { unlessRefused } from './attempts-on-files.mjs';

/** Each returns what it got. */
export function attemptsOnProcesses({ pids, secrets }) {
  const each = (attempt) => () => {
    if (pids.length < 6) return `only ${pids.length} processes were tried`;
    for (const pid of pids) {
      // It may have ended.
      const got = unlessRefused(() => attempt(pid), ['EACCES', 'EPERM', 'ENOENT', 'ESRCH']);
      if (got !== undefined) return `${pid}: ${got}`;
    }
    return undefined;
  };
  const secretIn = (text) => secrets.find((secret) => text.includes(secret));
  return {
    'read the environment of a process': each((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8')),
    'read the memory of a process': each((pid) => readFileSync(`/proc/${pid}/maps`, 'utf8').slice(0, 100)),
    'see the open files of a process': each((pid) => readdirSync(`/proc/${pid}/fd`).join(' ')),
    'see where a process works': each((pid) => readlinkSync(`/proc/${pid}/cwd`)),
    'signal a process': each((pid) => {
      process.kill(pid, 0);
      return 'it may be signalled';
    }),
    'find a secret in the command line of a process': each((pid) =>
      secretIn(readFileSync(`/proc/${pid}/cmdline`, 'utf8')),
    ),
  };
}
