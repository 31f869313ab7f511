import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Slightly more than the 30 s that our apps allow themselves (`PATCHPOINT_STOP_GRACE_SECONDS`). */
const defaultGraceSeconds = 35;

/** How a process ended: its exit code, or the signal that ended it. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running child process. */
export interface ChildHandle {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ExitStatus>;
  hasExited(): boolean;
  /**
   * Stops it gracefully, by SIGKILL after `graceSeconds`; resolves when it has ended. May be called twice.
   */
  stop(graceSeconds?: number): Promise<void>;
  /** SIGKILL, as a crash would; resolves when it has ended. May be called twice. */
  kill(): Promise<void>;
}

/**
 * The handle of a child that was spawned. Call it in the same turn of the event loop, before the child can
 * end.
 */
export function handleOf(child: ChildProcess, stopSignal: NodeJS.Signals): ChildHandle {
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
  }

  async function stop(graceSeconds = defaultGraceSeconds): Promise<void> {
    child.kill(stopSignal);
    const timer = new AbortController();
    const grace = sleep(graceSeconds * 1000, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([exited, grace]);
    timer.abort();
    if (!hasExited()) await kill();
  }

  return { pid: child.pid as number, exited, hasExited, stop, kill };
}
