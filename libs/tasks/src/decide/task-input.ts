import type { TaskReport, TaskState } from '#contracts';
import type { ResumePlan } from './plan-resume.js';

/** What a decision about a task depends on. */
export interface TaskSnapshot {
  id: string;
  state: TaskState;
  /** 1 for the first spawn. */
  attempt: number;
  /** The daemon that claimed the attempt; null: none yet. */
  daemonId: string | null;
  /** The only daemon that may claim the attempt; null: any of the pool. */
  requestedDaemonId: string | null;
  pool: string;
  isSupervisor: boolean;
  /** Null: the newest capture of the attempt worked, as far as is known. */
  capturesFailingSince: Date | null;
}

export type TaskInput =
  | {
      type: 'spawn-requested';
      /** Whether the daemon that holds the current attempt sent a heartbeat recently. */
      holderAlive: boolean;
      /** Take the task from a daemon that is alive. */
      force: boolean;
    }
  | {
      type: 'claimed';
      daemonId: string;
      attempt: number;
      /** The pool that the daemon's heartbeats name; null: there was no heartbeat yet, and it is of none. */
      daemonPool: string | null;
    }
  | ReportedInput
  | { type: 'stop-requested'; holderAlive: boolean; reason: string }
  | { type: 'daemon-lost'; daemonId: string; reason: string }
  /** The daemon of a lost attempt is heard again, and says that it runs it. */
  | { type: 'daemon-back'; daemonId: string; attempt: number }
  /** A lost or released task is due to be resumed automatically. */
  | { type: 'resume-due'; plan: ResumePlan }
  /** Nobody claimed the attempt, although somebody could have. */
  | { type: 'unclaimed' };

/** The input of that type. */
export type InputOf<Type extends TaskInput['type']> = Extract<TaskInput, { type: Type }>;

export interface ReportedInput {
  type: 'reported';
  report: TaskReport;
  daemonId: string;
  attempt: number;
  /** The daemon that held the attempt, if it is an older one; null: none did. */
  formerHolderId: string | null;
  exitCode?: number;
  reason?: string;
  worktreePath?: string;
  /** With an end: why the last state of the worktree is in no checkpoint. */
  captureFailure?: string;
  /** False: an earlier report that is still missing will not come any more. */
  mayWait: boolean;
}
