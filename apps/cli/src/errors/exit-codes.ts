/** The exit codes. Documented in docs/cli.md; the meaning of a number never changes. */
export const EXIT_CODES = {
  done: 0,
  /** The operation failed or was refused; for `run` and `resume --follow` also: the task did not complete. */
  failed: 1,
  /** A flag or argument is wrong; nothing was tried. */
  usage: 2,
  /** The named object does not exist, no longer exists (an expired patch), or is ambiguous. */
  notFound: 3,
  /** No server answers, or it does not accept the token. */
  noServer: 4,
  /** Everything is captured, and some of it is on this disk only: no server has confirmed it yet. */
  onThisDiskOnly: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

const NOT_FOUND: ReadonlySet<string> = new Set([
  'TASK_NOT_FOUND',
  'CHECKPOINT_NOT_FOUND',
  'CONVERSATION_NOT_FOUND',
  'PATCH_NOT_FOUND',
  'PATCH_EXPIRED',
  'DEAD_LETTER_NOT_FOUND',
  'TOKEN_NOT_FOUND',
]);

/** How a failure with that code ends the process, whoever found it. */
export function exitCodeOf(code: string): ExitCode {
  return NOT_FOUND.has(code) ? EXIT_CODES.notFound : EXIT_CODES.failed;
}

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
