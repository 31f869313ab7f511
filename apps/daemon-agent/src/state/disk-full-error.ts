import { GitError } from '#git';

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);

/** The wording of git, whose messages are not translated here, and of the C library. */
const SAYS_NO_SPACE = /no space left on device|disk quota exceeded|out of diskspace/i;

/** There is no room on the disk, or none left for this user. Existing files are untouched. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';
  readonly code = 'DISK_FULL';

  constructor(path: string, reason: string, cause: Error) {
    super(`DISK_FULL: ${path} cannot be written: ${reason}. Free space on its disk.`, { cause });
  }
}

/** The same error, or a {@link DiskFullError} for one by which Node or git says that the disk is full. */
export function nameDiskFull(path: string, error: unknown): unknown {
  if (error instanceof GitError) {
    const line = error.stderr.split('\n').find((said) => SAYS_NO_SPACE.test(said));
    return line === undefined ? error : new DiskFullError(path, `git said: ${line}`, error);
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return code !== undefined && NO_SPACE.has(code) ? new DiskFullError(path, message, error as Error) : error;
}
