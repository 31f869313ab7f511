export type OmissionReason =
  | 'untracked-too-large'
  | 'untracked-budget'
  | `untracked-budget: ${string}`
  | `dependencies: ${string}`
  | `exclude-file: ${string}`
  | `not-used: ${string}`
  | 'nested-repository'
  | 'dirty-submodule'
  | 'unpushed-submodule'
  | 'socket'
  | 'fifo'
  | 'device'
  | 'changing'
  | 'unreadable'
  | 'io-error'
  | `unknown: ${string}`
  | 'unsafe-name'
  | 'looks-like-secret'
  | `secret: ${string}`
  | 'not-in-checkpoint'
  | 'operation-in-progress'
  | 'hard-link'
  | `hard-link: ${string}`
  | 'special-mode'
  | `special-mode: ${string}`
  | `narrowed-modes: ${string}`;

/** A path that a capture left out, or a state of the repository that it could not preserve. */
export interface Omission {
  /**
   * Relative to the worktree, at most {@link MAX_PATH_LENGTH} characters; bytes that are not UTF-8 become
   * U+FFFD. `.` stands for the worktree itself.
   */
  path: string;
  reason: OmissionReason;
}

/** Most omissions that a capture lists; it counts them all. */
export const MAX_NAMED_OMISSIONS = 100;

/** As the messages allow; a longer path is cut. */
const MAX_PATH_LENGTH = 4096;
const MAX_WORDS_LENGTH = 150;

export function omit(path: Buffer, reason: OmissionReason): Omission {
  return { path: path.toString('utf8').replace(/\/$/, '').slice(0, MAX_PATH_LENGTH), reason };
}

/** The reason for what nobody foresaw, in the words of the program that failed: one line, not too long. */
export function unknownReason(words: string): OmissionReason {
  const line = words
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, MAX_WORDS_LENGTH);
  return `unknown: ${line === '' ? 'no words' : line}`;
}

/** What the code of a failed system call (`EACCES`) means for the path that it was about. */
export function reasonOfCode(error: NodeJS.ErrnoException): OmissionReason {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return 'unreadable';
    case 'EIO':
      return 'io-error';
    default:
      return unknownReason(error.message.split(/, \w+ '/, 1)[0]!);
  }
}
