import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';

/** What somebody runs on the machine, as its owner knows it and a stranger may have found out. */
export interface Target {
  /** patch-store's address. */
  server: string;
  /** Of every app. */
  apps: string[];
  natsUrl: string;
  postgresPort: number;
  /** Every port that one of the processes listens on, but for those of NATS and Postgres. */
  ports: number[];
  pids: number[];
  dataDir: string;
  /** `~/.local/state/patchpoint` of the owner; undefined: nothing is recorded there. */
  stateDir: string | undefined;
  /** Every file and folder in these. */
  paths: string[];
  taskId: string;
  /** What nobody else may read anywhere: token, password, keys, the address and the words of a task. */
  secrets: string[];
}

/** What each attempt came to: null, or what the stranger got. */
export type Results = Record<string, string | null>;

const program = join(import.meta.dirname, 'stranger.mjs');

/** What a stranger tries. */
export function attemptNames(isRecorded: boolean): string[] {
  const { stdout } = execaSync(process.execPath, [program, '--names']);
  const names = JSON.parse(stdout) as string[];
  return names.filter((name) => isRecorded || !name.includes('a running server'));
}

export async function runStranger(target: Target): Promise<Results> {
  const { stdout } = await execa(process.execPath, [program], { input: JSON.stringify(target) });
  return JSON.parse(stdout) as Results;
}

/** A process and all that descend from it. */
export function withDescendants(pid: number): number[] {
  const parents = pidsNow().map((each) => ({ pid: each, parent: parentOf(each) }));
  const found = [pid];
  for (const each of found) found.push(...parents.filter(({ parent }) => parent === each).map((p) => p.pid));
  return found;
}

/** The TCP ports that these processes listen on. */
export function portsOf(pids: readonly number[]): number[] {
  const sockets = new Set(pids.flatMap(socketsOf));
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode!))
      .map(([, local]) => Number.parseInt(local!.split(':')[1]!, 16)),
  );
}

/** The value of a variable in the environment of one of the processes. */
export function variableOf(pids: readonly number[], name: string): string | undefined {
  return pids
    .flatMap((pid) => readOr(`/proc/${pid}/environ`).split('\0'))
    .find((variable) => variable.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function pidsNow(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number {
  const stat = readOr(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function socketsOf(pid: number): string[] {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(linkOr(join(folder, fd)))?.[1] ?? [],
    );
  } catch {
    return []; // it has just ended
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
