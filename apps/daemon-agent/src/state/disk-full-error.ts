const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);

/** There is no room on the disk, or none left for this user. What was there before is untouched. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';
  readonly code = 'DISK_FULL';

  constructor(path: string, cause: Error) {
    super(`DISK_FULL: ${path} cannot be written: ${cause.message}. Free space on its disk.`, { cause });
  }
}

/** The same error, or a {@link DiskFullError} for one that says that the disk is full. */
export function nameDiskFull(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  return code !== undefined && NO_SPACE.has(code) ? new DiskFullError(path, error as Error) : error;
}
