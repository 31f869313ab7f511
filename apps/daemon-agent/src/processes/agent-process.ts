import { spawn, type ChildProcess } from 'node:child_process';
import { processStart } from './process-start.js';
import type { Invocation } from '#agents';

/** How an agent process ended: it exited with a code, or was ended by a signal. */
export interface ProcessEnd {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

/** A started agent program, in a process group of its own. */
export interface AgentProcess {
  pid: number;
  /** Distinguishes the process from a later one with the same id. */
  startedAt: string;
  /** Resolves once the program has ended and nothing of its process group is left. Never rejects. */
  ended: Promise<ProcessEnd>;
  /**
   * SIGTERM to the whole group, SIGKILL after `graceSeconds`; resolves as `ended` does. May be called twice.
   */
  stop(graceSeconds: number): Promise<ProcessEnd>;
}

export interface ProcessOptions extends Invocation {
  cwd: string;
  environment: Record<string, string>;
  onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

/**
 * Starts an agent program.
 *
 * @throws Error when the program cannot be started (not found, not executable)
 */
export async function startAgentProcess(options: ProcessOptions): Promise<AgentProcess> {
  const child = spawn(options.file, options.args, {
    cwd: options.cwd,
    // opencode works where PWD says, whatever its working directory is (seen with 1.18).
    env: { ...options.environment, PWD: options.cwd },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = endOf(child);
  await started(child, options.file);
  child.stdout.on('data', (chunk: Buffer) => options.onOutput('stdout', chunk));
  child.stderr.on('data', (chunk: Buffer) => options.onOutput('stderr', chunk));
  // A program that does not read its input may close it early.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin);
  const pid = child.pid!;
  return {
    pid,
    startedAt: (await processStart(pid)) ?? 'gone',
    ended,
    stop: (graceSeconds) => stopGroup(pid, graceSeconds, ended),
  };
}

/**
 * Ends the process group that this daemon started before it was restarted, if it still runs.
 *
 * @returns true when there was one
 */
export async function endSurvivor(
  process: { pid: number; startedAt: string },
  graceSeconds: number,
): Promise<boolean> {
  if ((await processStart(process.pid)) !== process.startedAt) return false;
  signalGroup(process.pid, 'SIGTERM');
  const deadline = Date.now() + graceSeconds * 1000;
  while (Date.now() < deadline && (await processStart(process.pid)) === process.startedAt) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  signalGroup(process.pid, 'SIGKILL');
  return true;
}

function started(child: ChildProcess, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === 'ENOENT' ? 'it was not found (is it installed, and on PATH?)' : cause.message;
      reject(new Error(`"${file}" could not be started: ${reason}`, { cause }));
    });
  });
}

/** `exit`, not `close`: a grandchild that keeps the pipes open must not keep the task running. */
function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => {
      signalGroup(child.pid!, 'SIGKILL');
      const drained = new Promise((done) => child.once('close', done));
      const waited = new Promise((done) => setTimeout(done, 1000));
      void Promise.race([drained, waited]).then(() => resolve({ exitCode, signal }));
    });
  });
}

async function stopGroup(pid: number, graceSeconds: number, ended: Promise<ProcessEnd>): Promise<ProcessEnd> {
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceSeconds * 1000);
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
