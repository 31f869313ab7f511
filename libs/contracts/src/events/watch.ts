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
  /**
   * NATS is there, or is lost. Whenever it is there again, nothing is delivered before `deliver`: it may be
   * another server's.
   */
  | {
      type: 'connection';
      isConnected: boolean;
      /** The tasks of the checkpoints that wait on this disk. */
      waitingTaskIds: string[];
    }
  | {
      /** The worktree is captured from now on. */
      type: 'watch-started';
      taskId: string;
      attempt: number;
      /** As ordered by `watch-offline`. */
      isOffline: boolean;
      /** False: no patch-store gave that attempt, and its number means nothing. */
      isClaimed: boolean;
    }
  /** As ordered by `hand-over`: nothing is captured until the next order. */
  | { type: 'handed-over' }
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
 * - `watch-offline`: there is no server: capture the worktree for that task all the same, as a continuation
 *   of the attempt that this daemon had last, or as one that no patch-store knows yet. `watch-started`
 *   follows.
 * - `hand-over`: there is a server: capture no more until it has given the task to this daemon, and report no
 *   end. With `isUnknown`, that server has no such task, and what waits goes under the attempt that it
 *   gives. `handed-over` follows.
 * - `deliver`: the server that is connected knows these tasks; their checkpoints and reports may be sent.
 */
export type WatchOrder =
  | { type: 'end-watch' }
  | ({ type: 'watch-offline' } & OfflineTask)
  | { type: 'hand-over'; taskId: string; isUnknown: boolean }
  | { type: 'deliver'; taskIds: string[] };

/** A watched worktree's task, as it will be created when there is a server. */
export interface OfflineTask {
  taskId: string;
  name: string;
  repoUrl: string;
  plan: string;
}
