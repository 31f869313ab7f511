import { createHash } from 'node:crypto';

/**
 * The permissions of a captured worktree, beside its tree, which holds only the owner's executable bit.
 * Numbers from 0 to 0o777.
 */
export interface Modes {
  /** Of every file that is not named below, by whether its owner may execute it; and of every folder. */
  files: number;
  executables: number;
  folders: number;
  /** What differs, grouped by mode. */
  exceptions: ModeException[];
}

export interface ModeException {
  mode: number;
  /**
   * Relative to the worktree, which is `.`; bytes that are not UTF-8 become U+FFFD, and of files whose names
   * become the same each has the narrowest mode. With a slash at its end: every file below that folder for
   * which no longer path says more.
   */
  paths: string[];
}

/** What a checkout gives with the usual umask, 022. */
export const CHECKED_OUT: Readonly<Omit<Modes, 'exceptions'>> = {
  files: 0o644,
  executables: 0o755,
  folders: 0o755,
};

/**
 * Of the exceptions, as JSON. They travel in each message about their checkpoint, beside all else that it may
 * hold, and are never asked for alone.
 */
export const MAX_EXCEPTIONS_BYTES = 32 * 1024;

/** A longer one is not listed. */
export const MAX_MODE_PATH_LENGTH = 4096;

/** Tells one manifest from another; null for none. */
export function digestModes(modes: Modes | null): string | null {
  return modes && createHash('sha256').update(JSON.stringify(modes)).digest('hex');
}
