import type { CheckpointStored } from './checkpoint-stored.js';

/**
 * The runner of a task that watches a worktree that a person works in: no program is started, and nothing in
 * the worktree or its repository is changed. Only the daemon that was started for that worktree can run it.
 */
export const WATCH_RUNNER = 'watch';

/**
 * A daemon-agent that watches a worktree → the process that started it, over their IPC channel: what happens
 * to the worktree's checkpoints, in order; there are no answers.
 */
export type WatchMessage = WatchNews & {
  /**
   * Checkpoints on this machine's disk that Postgres has not confirmed, including those of earlier watches.
   */
  unconfirmedCount: number;
};

export type WatchNews =
  /** The worktree is captured from now on. */
  | { type: 'watch-started'; taskId: string; attempt: number }
  /** How far a capture has come, a few times per second; null when it is over, however it went. */
  | { type: 'capturing'; progress: WatchProgress | null }
  /** Kept on disk and on its way. */
  | { type: 'checkpoint-captured' }
  | { type: 'checkpoint-stored'; checkpoint: CheckpointStored }
  /** What the task's output is told too: a capture that failed, a checkpoint that was rejected. */
  | { type: 'said'; line: string }
  /** The attempt is over and its end is reported. */
  | {
      type: 'watch-ended';
      outcome: 'stopped' | 'failed';
      reason: string;
      /** Why the last state of the worktree is in no checkpoint. Absent: it is captured. */
      captureFailure?: string;
    };

/** Begins from nothing again where a capture is too large and is tried with fewer files. */
export interface WatchProgress {
  /** Changed and untracked files that were looked at. */
  filesSeen: number;
  /** Of them, those whose contents must be read; null until that is known. */
  filesToHash: number | null;
  filesHashed: number;
  /** The sizes of the files that were hashed, added up. */
  bytesHashed: number;
}

/**
 * The process that started a daemon-agent to watch a worktree → that daemon, over their IPC channel.
 *
 * - `end-watch`: capture the worktree a last time, however long that takes, and end the attempt.
 *   `watch-ended` follows. Sent again, it changes nothing.
 */
export interface WatchOrder {
  type: 'end-watch';
}
