export type OmissionReason =
  | 'untracked-too-large'
  | 'untracked-budget'
  | 'nested-repository'
  | 'dirty-submodule'
  | 'unpushed-submodule'
  | 'socket'
  | 'fifo'
  | 'device'
  | 'unreadable'
  | 'unsafe-name'
  | 'looks-like-secret'
  | 'operation-in-progress';

/** A path that a capture left out, or a state of the repository that it could not preserve. */
export interface Omission {
  /** Relative to the worktree; bytes that are not UTF-8 become U+FFFD. `.` stands for the worktree itself. */
  path: string;
  reason: OmissionReason;
}

/** Most omissions that a capture lists; it counts them all. */
export const MAX_NAMED_OMISSIONS = 100;

export function omit(path: Buffer, reason: OmissionReason): Omission {
  return { path: path.toString('utf8').replace(/\/$/, ''), reason };
}
