import type { ConversationFile, SpawnTask, WorktreeOrigin } from '#contracts';

/**
 * - `preparing`: claimed; the worktree is being made
 * - `running`: the agent process or the setup before it runs, or ran when this was written
 * - `ended`: the process is gone and the end was reported; the worktree stays until it is cleaned up
 */
export type TaskPhase = 'preparing' | 'running' | 'ended';

/**
 * The state in the last spooled checkpoint. The same state again means unchanged, as long as that checkpoint
 * can be relied on (last-capture.ts).
 */
export interface LastCapture {
  eventId: string;
  treeSha: string;
  headSha: string | null;
  baseSha: string;
  /** Of the conversation with it (`digestOf`); absent: it had none. */
  conversationDigest?: string;
  /** Of its modes; null or absent: all was as a checkout makes it. */
  modesSha256?: string | null;
  /**
   * It needs nothing more: it is stored, or it was rejected for a reason that would also apply to another
   * capture.
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
  /** The order that is being executed; names the task, the attempt, and the checkpoint to restore. */
  spawn: SpawnTask;
  phase: TaskPhase;
  worktreeDir?: string;
  /**
   * The git dir that was made for it, by which it is captured whatever its `.git` says; none for a worktree
   * that is only watched, or that an older version made.
   */
  gitDir?: string;
  /** The attempt that last worked in it. */
  worktreeAttempt?: number;
  branchName?: string;
  worktreeOrigin?: WorktreeOrigin;
  /** It was made or restored, and its setup command has not ended in it yet. */
  needsSetup?: true;
  /**
   * The process of the agent, or of the setup before it, and its process group; `startedAt` distinguishes it
   * from a later process with the same id.
   */
  process?: { pid: number; startedAt: string };
  /**
   * No patch-store is known to have given this attempt to this daemon: its worktree is watched without a
   * server. Its checkpoints are held back, and go under the attempt that is claimed next.
   */
  isUnclaimed?: true;
  /** Number of the last checkpoint of this attempt. */
  sequence: number;
  lastCapture?: LastCapture;
  /** Of the agent program's conversation, by which it is continued. */
  sessionId?: string;
  /** The conversation of another task that it goes on from, until it has begun its own. */
  forkedSessionId?: string;
  /** What was sent of the conversation in this attempt. */
  sentConversation?: {
    /** The newest event that carried some. */
    eventId: string;
    sent: ConversationFile[];
    stored: ConversationFile[];
  };
  /**
   * The last order that put the worktree back to an older checkpoint: its `eventId`, to which one and which
   * tree. As long as the files are those, the next one goes back from there.
   */
  undo?: { eventId: string; checkpointNumber: number; treeSha: string; isDone: boolean };
  /** Earlier ones (`eventId`), newest last: they may be delivered again. */
  earlierUndos?: string[];
  /** Folders that an undo replaced, after what they held was stored; they go with the worktree. */
  keptAside?: string[];
  /** Absent: the newest capture worked. */
  captureFailure?: CaptureFailure;
  /** Tree of a checkpoint that was refused as damaged and therefore captured again. */
  recapturedTreeSha?: string;
}
