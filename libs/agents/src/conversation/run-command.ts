import { stripVTControlCharacters } from 'node:util';
import { fillPlaceholders } from '../runners/fill-placeholders.js';
import type { ConversationPlace } from './conversation-place.js';

/** A program that needs longer, or prints more, is ended. */
export interface CommandLimits {
  timeoutMilliseconds: number;
  maxBytes: number;
}

/**
 * Runs a command of an agent program to its end, in the worktree and with the home of the task.
 *
 * @param words with the placeholders `{sessionId}` and those of `values`
 * @returns what it printed
 * @throws Error for people, when it cannot be started, fails, or is over a limit
 */
export async function runCommand(
  words: readonly string[],
  { worktreeDir, environment, sessionId }: ConversationPlace,
  { timeoutMilliseconds, maxBytes }: CommandLimits,
  values: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const [file, ...args] = words.map((word) => fillPlaceholders(word, { sessionId, ...values }));
  // 15 MB of memory, which a daemon without such a program does not need.
  const { execa } = await import('execa');
  const subprocess = execa(file!, args, {
    cwd: worktreeDir,
    env: { ...environment, PWD: worktreeDir }, // opencode believes it more than its working directory
    extendEnv: false,
    stdin: 'ignore',
    encoding: 'buffer',
    stripFinalNewline: false,
    timeout: timeoutMilliseconds,
    killSignal: 'SIGKILL',
    maxBuffer: maxBytes,
    detached: true,
    cleanup: false,
    reject: false,
  });
  // What it started must not keep its output open beyond the time limit.
  subprocess.on('exit', () => endGroup(subprocess.pid!));
  const result = await subprocess;
  if (!result.failed) return Buffer.from(result.stdout);
  throw new Error(`\`${words.slice(0, 2).join(' ')}\` ${reasonOf(result, timeoutMilliseconds, maxBytes)}`);
}

interface Failed {
  timedOut: boolean;
  isMaxBuffer: boolean;
  exitCode?: number | undefined;
  stderr: Uint8Array | undefined;
  shortMessage?: string | undefined;
}

function reasonOf(result: Failed, timeoutMilliseconds: number, maxBytes: number): string {
  if (result.timedOut) return `did not end within ${timeoutMilliseconds / 1000} s`;
  if (result.isMaxBuffer) return `printed more than ${maxBytes} bytes`;
  if (result.exitCode === undefined)
    return `could not be run: ${result.shortMessage ?? 'for no known reason'}`;
  const said =
    Buffer.from(result.stderr ?? '')
      .toString()
      .trim()
      .split('\n')
      .at(-1) ?? '';
  // Programs colour even what nobody sees.
  const plain = stripVTControlCharacters(said).slice(0, 200);
  return `ended with exit code ${result.exitCode}: ${plain}`;
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nothing of it is left
  }
}
