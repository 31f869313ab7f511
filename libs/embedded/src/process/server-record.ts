import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError } from '../embedded-error.js';
import { writePrivately } from '../privacy/private-files.js';
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.js';

/** The server that uses a data folder, and the process that started it. */
interface ServerRecord {
  readonly server: ProcessIdentity;
  readonly owner: ProcessIdentity;
}

/** Records in `file` that this process runs the server `pid`. */
export async function recordServer(file: string, pid: number): Promise<void> {
  const server = identifyProcess(pid);
  const owner = identifyProcess(process.pid);
  if (server === undefined || owner === undefined) return; // already ended: there is nothing to find later
  writePrivately(file, JSON.stringify({ server, owner } satisfies ServerRecord));
}

/** Removes the record; may be called if nothing is recorded. */
export async function forgetServer(file: string): Promise<void> {
  await rm(file, { force: true });
}

/**
 * Frees a data folder for the next start: a recorded server whose owner is gone is stopped. Fails if the
 * owner is alive, because then the folder is in use. Does nothing if nothing recorded is alive.
 */
export async function reclaimServer(file: string, what: string, stopSignal: NodeJS.Signals): Promise<void> {
  const record = await readRecord(file);
  if (record === undefined || !isAlive(record.server)) return;
  if (isAlive(record.owner)) {
    throw new EmbeddedError(
      `Cannot start ${what}: it is already running as process ${record.server.pid} for process ${record.owner.pid} ` +
        `(recorded in ${file}). Stop that process first, or use another data folder.`,
      { inUse: true },
    );
  }
  await stopOrphan(record.server, stopSignal);
}

async function stopOrphan(server: ProcessIdentity, stopSignal: NodeJS.Signals): Promise<void> {
  for (const [signal, graceSeconds] of [[stopSignal, 15] as const, ['SIGKILL', 5] as const]) {
    signalIfAlive(server, signal);
    const deadline = Date.now() + graceSeconds * 1000;
    while (Date.now() < deadline) {
      if (!isAlive(server)) return;
      await sleep(25);
    }
  }
  throw new EmbeddedError(
    `Process ${server.pid} of an earlier run does not exit. Stop it manually, then try again.`,
  );
}

function signalIfAlive(server: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(server)) return;
  try {
    process.kill(server.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function readRecord(file: string): Promise<ServerRecord | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ServerRecord;
  } catch {
    return undefined; // none, or half written by a process that died: the server itself locks its folder
  }
}
