import type { SpawnTask, WorktreeOrigin } from '#contracts';

/**
 * - `preparing`: claimed; the worktree is being made
 * - `running`: the agent process runs, or ran when this was written
 * - `ended`: the process is gone and the end was reported; the worktree stays until it is cleaned up
 */
export type TaskPhase = 'preparing' | 'running' | 'ended';

/**
 * What the last spooled checkpoint showed; equal again means unchanged, while it can still be relied on
 * (last-capture.ts).
 */
export interface LastCapture {
  eventId: string;
  treeSha: string;
  headSha: string | null;
  baseSha: string;
  /**
   * Nothing more is expected of it: it is stored, or it was refused for a reason that another capture would
   * share.
   */
  settled?: boolean;
}

/** The newest captures of a worktree failed: what it holds since then is in no checkpoint. */
export interface CaptureFailure {
  /** ISO 8601, by this machine's clock. */
  since: string;
  /** Of the newest failure, in one line of at most 500 characters. */
  reason: string;
  /** Captures since then that found nothing new, in a row. */
  unchangedCount: number;
}

/** What a daemon remembers of a task on its disk, enough to go on after a restart. */
export interface TaskRecord {
  /** The order that is being carried out; names the task, the attempt, and the checkpoint to restore. */
  spawn: SpawnTask;
  phase: TaskPhase;
  worktreeDir?: string;
  /** The attempt that last worked in it. */
  worktreeAttempt?: number;
  branchName?: string;
  worktreeOrigin?: WorktreeOrigin;
  /** The agent process and its process group; `startedAt` tells it from a later process with the same id. */
  process?: { pid: number; startedAt: string };
  /** Number of the last checkpoint of this attempt. */
  sequence: number;
  lastCapture?: LastCapture;
  /** Absent: the newest capture worked. */
  captureFailure?: CaptureFailure;
  /** Tree of a checkpoint that was refused as damaged and therefore captured again. */
  recapturedTreeSha?: string;
}
