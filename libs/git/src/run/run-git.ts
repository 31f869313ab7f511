import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { collect } from './collect.js';
import { FIXED_CONFIG, localEnvironment } from './git-environment.js';
import { GitError, type GitErrorCode } from './git-error.js';

const NOTHING = Buffer.alloc(0);

/**
 * The largest output that is held in memory; more is an error. Patches are streamed and have their own limit.
 */
const MAX_OUTPUT_BYTES = 1024 * 1024 * 1024;

export interface GitCall {
  /** After `git` and the global options; paths that users chose go through `input`, not here. */
  args: readonly string[];
  cwd?: string;
  gitDir?: string;
  workTree?: string;
  indexFile?: string;
  /** `key=value` settings in addition to the fixed ones. */
  config?: readonly string[];
  /** Replaces the fixed ones: for what git would do for somebody else. */
  fixedConfig?: readonly string[];
  /** Replaces the local environment. */
  environment?: Record<string, string>;
  /** Added to the environment. */
  variables?: Record<string, string>;
  expectedExitCodes?: readonly number[];
  /** By default paths are literal, whatever characters they contain. */
  literalPathspecs?: boolean;
  input?: Buffer;
  /**
   * Reads the output as it comes; `stdout` of the result is then empty. What it throws ends git and is
   * rethrown.
   */
  consume?: (stdout: Readable) => Promise<void>;
  signal?: AbortSignal | undefined;
  /** The operation, for the error message: 'listing the untracked files of /some/worktree'. */
  purpose: string;
  /** Classifies a failure; by default `GIT_FAILED`. */
  classify?: (stderr: string) => { code: GitErrorCode; nextStep: string } | undefined;
}

export interface GitResult {
  exitCode: number;
  stdout: Buffer;
  stderr: string;
}

/**
 * The one place that starts git. Node's own `spawn`: a capture is 8 to 12 processes, and each costs 2.9 ms
 * with it against 5.7 ms with execa (`git --version`, Node 20).
 *
 * @throws GitError when the exit code is not an expected one; the signal's reason when it was aborted
 */
export async function runGit(call: GitCall): Promise<GitResult> {
  call.signal?.throwIfAborted();
  const child = spawn('git', [...globalOptions(call), ...call.args], {
    cwd: call.cwd ?? '/',
    env: environmentOf(call),
    stdio: [call.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const end = endOf(child);
  const stop = (): void => void child.kill('SIGTERM');
  call.signal?.addEventListener('abort', stop, { once: true });
  try {
    // Git may exit before it has read everything; its exit code shows whether that was right.
    child.stdin?.on('error', () => {});
    child.stdin?.end(call.input);
    const consumed = call.consume ? call.consume(child.stdout!) : collect(child.stdout!, MAX_OUTPUT_BYTES);
    const [stdout, stderr, { exitCode, cause }] = await Promise.all([
      consumed.catch((error: unknown) => {
        stop();
        throw error;
      }),
      collect(child.stderr!, MAX_OUTPUT_BYTES),
      end,
    ]);
    call.signal?.throwIfAborted();
    const words = stderr.toString('utf8');
    if (exitCode === null || !(call.expectedExitCodes ?? [0]).includes(exitCode)) {
      throw failure(call, exitCode, words, cause);
    }
    return { exitCode, stdout: stdout ?? Buffer.alloc(0), stderr: words };
  } catch (error) {
    const { cause } = await end;
    call.signal?.throwIfAborted();
    throw cause === undefined ? error : failure(call, null, '', cause);
  } finally {
    call.signal?.removeEventListener('abort', stop);
  }
}

interface ProcessEnd {
  /** Null if it never started or was ended by a signal. */
  exitCode: number | null;
  cause?: Error;
}

/** Never rejects. */
function endOf(child: ReturnType<typeof spawn>): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', (cause) => resolve({ exitCode: null, cause }));
    child.once('close', (exitCode) => resolve({ exitCode }));
  });
}

/** The first line of what a command prints, for ids and ref names. */
export function firstLine(output: Buffer): string {
  const text = output.toString('utf8');
  const end = text.indexOf('\n');
  return end === -1 ? text : text.slice(0, end);
}

/** The records of a `-z` output, as bytes: a name may contain anything but NUL. */
export function nulSeparated(output: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let start = 0;
  for (let end = output.indexOf(0); end !== -1; end = output.indexOf(0, start)) {
    records.push(output.subarray(start, end));
    start = end + 1;
  }
  return records;
}

/**
 * As `nulSeparated`, but while git is still writing, and without a Buffer for each record: `take` reads it
 * from `start` to `end`, and must copy what it keeps.
 */
export async function eachRecord(
  output: AsyncIterable<Buffer>,
  take: (bytes: Buffer, start: number, end: number) => void,
): Promise<void> {
  let begun = NOTHING;
  for await (const chunk of output) {
    let start = 0;
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, start)) {
      if (begun.length === 0) take(chunk, start, end);
      else take(Buffer.concat([begun, chunk.subarray(0, end)]), 0, begun.length + end);
      begun = NOTHING;
      start = end + 1;
    }
    begun = Buffer.concat([begun, chunk.subarray(start)]);
  }
}

/** Paths in the format that a command's `-z --stdin` reads. */
export function nulTerminated(paths: readonly Buffer[]): Buffer {
  const nul = Buffer.from([0]);
  return Buffer.concat(paths.flatMap((path) => [path, nul]));
}

function globalOptions(call: GitCall): string[] {
  const config = [...(call.fixedConfig ?? FIXED_CONFIG), ...(call.config ?? [])];
  return [
    '--no-pager',
    ...(call.literalPathspecs === false ? [] : ['--literal-pathspecs']),
    ...config.flatMap((setting) => ['-c', setting]),
    ...(call.gitDir === undefined ? [] : [`--git-dir=${call.gitDir}`]),
    ...(call.workTree === undefined ? [] : [`--work-tree=${call.workTree}`]),
  ];
}

function environmentOf(call: GitCall): Record<string, string> {
  return {
    ...(call.environment ?? localEnvironment()),
    ...(call.indexFile === undefined ? {} : { GIT_INDEX_FILE: call.indexFile }),
    ...call.variables,
  };
}

function failure(call: GitCall, exitCode: number | null, stderr: string, cause: unknown): GitError {
  const meaning = call.classify?.(stderr) ?? {
    code: 'GIT_FAILED' as const,
    nextStep:
      exitCode === null
        ? 'Check that git 2.36 or newer is installed and on the PATH.'
        : 'Run the command manually to investigate.',
  };
  return new GitError(
    meaning.code,
    `Failed at ${call.purpose}: git ${call.args[0]} ended with ${exitCode ?? 'no exit code'}.`,
    { nextStep: meaning.nextStep, command: call.args, exitCode, stderr, cause },
  );
}
