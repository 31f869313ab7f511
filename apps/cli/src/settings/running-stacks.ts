import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, isAlive, privateFolder, writePrivately, type ProcessIdentity } from '#embedded';
import { stateFolder } from './xdg.js';

/** A `patchpoint up` of this user on this machine, as found by the other commands. */
export interface RunningStack {
  owner: ProcessIdentity;
  /** patch-store's address. */
  server: string;
  /** The file with the token that patch-store asks for; absent: in none, see its `PATCHPOINT_API_TOKEN`. */
  apiTokenFile?: string | undefined;
  natsUrl: string;
  /** The file that its owner proves who they are on NATS by. */
  natsCredentialsFile?: string | undefined;
  /** With its password. */
  databaseUrl: string;
  dataDir: string;
}

/**
 * Records that a stack is running. Only the owner can write to the folder, while any user of a machine can
 * take a port: what is found here was written by the same person.
 *
 * @returns removes the record
 */
export function recordRunningStack(stack: Omit<RunningStack, 'owner'>): () => void {
  const owner = identifyProcess(process.pid);
  if (owner === undefined) throw new Error('This process cannot be identified.');
  const folder = runningFolder();
  privateFolder(folder);
  const name = createHash('sha256').update(stack.dataDir).digest('hex').slice(0, 16);
  const file = join(folder, `${name}.json`);
  writePrivately(file, JSON.stringify({ owner, ...stack } satisfies RunningStack));
  return () => rmSync(file, { force: true });
}

/** Those whose `patchpoint up` is alive. */
export function findRunningStacks(): RunningStack[] {
  return recordsIn(runningFolder()).filter(({ owner }) => isAlive(owner));
}

function runningFolder(): string {
  return join(stateFolder(), 'running');
}

function recordsIn(folder: string): RunningStack[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // there was never a stack
  }
  return names.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(folder, name), 'utf8')) as RunningStack];
    } catch {
      return []; // removed a moment ago, or half written by a process that died
    }
  });
}
