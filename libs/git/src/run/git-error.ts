/** Why a git operation was refused or failed. The table of codes is in the documentation of failures. */
export type GitErrorCode =
  | 'PATCH_TOO_LARGE'
  | 'PATCH_INVALID'
  | 'UNSAFE_PATH'
  | 'BASE_MISSING'
  | 'NO_BASE_COMMIT'
  | 'PROTOCOL_FORBIDDEN'
  | 'BAD_URL'
  | 'BAD_REF'
  | 'BAD_SHA'
  | 'CREDENTIALS_IN_URL'
  | 'GIT_AUTH_FAILED'
  | 'NOT_GZIP'
  | 'GZIP_CORRUPT'
  | 'DIGEST_MISMATCH'
  | 'TREE_MISMATCH'
  | 'PATH_NOT_FOUND'
  | 'PATH_IN_THE_WAY'
  | 'CANNOT_WRITE'
  | 'NOT_A_WORKTREE'
  | 'UNSAFE_WORKTREE'
  | 'UNUSABLE_WORKTREE'
  | 'SOURCE_UNREACHABLE'
  | 'GIT_FAILED';

export interface GitErrorDetails {
  nextStep: string;
  /** The argv after `git`, if a command was run. */
  command?: readonly string[];
  /** Null if no command was run, or if it was ended by a signal. */
  exitCode?: number | null;
  /** What git printed. */
  stderr?: string;
  cause?: unknown;
}

/** The one error that this library throws. Credentials are removed from all its texts. */
export class GitError extends Error {
  readonly code: GitErrorCode;
  readonly command: readonly string[];
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly nextStep: string;

  constructor(code: GitErrorCode, message: string, details: GitErrorDetails) {
    const stderr = redactCredentials(details.stderr ?? '').trim();
    const said = stderr === '' ? '' : ` git said: ${stderr}`;
    super(`${redactCredentials(message)}${said} ${details.nextStep}`, { cause: details.cause });
    this.name = 'GitError';
    this.code = code;
    this.command = (details.command ?? []).map(redactCredentials);
    this.exitCode = details.exitCode ?? null;
    this.stderr = stderr;
    this.nextStep = details.nextStep;
  }

  /** The base commit is not in the mirror, and the source does not serve it. */
  isBaseMissing(): boolean {
    return this.code === 'BASE_MISSING' || this.code === 'NO_BASE_COMMIT';
  }
}

/** Removes the user information from every URL in a text. */
export function redactCredentials(text: string): string {
  return text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, '$1***@');
}
