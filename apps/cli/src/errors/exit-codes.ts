/** What the shell is told. Documented in docs/cli.md; a number is never given another meaning. */
export const EXIT_CODES = {
  done: 0,
  /** The operation failed or was refused; for `run` and `resume --follow` also: the task did not complete. */
  failed: 1,
  /** A flag or argument is wrong; nothing was tried. */
  usage: 2,
  /** What was named does not exist, exists no more (an expired patch), or could be several things. */
  notFound: 3,
  /** No server answers, or it does not accept the token. */
  noServer: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
