import {
  ContractError,
  type CaptureHealthKind,
  type ErrorCode,
  type TaskEventKind,
  type TaskState,
} from '#contracts';
import type { SpawnCause } from '#database';
import type { TaskSnapshot } from './task-input.js';

export type TaskDecision = TaskTransition | TaskRefusal | TaskEarly;

export interface TaskTransition {
  outcome: 'accepted';
  state: TaskState;
  /** Empty together with `actions`: a repetition, or a report that came too late to matter. */
  changes: TaskChanges;
  actions: TaskAction[];
}

export interface TaskRefusal {
  outcome: 'refused';
  code: Extract<
    ErrorCode,
    'TASK_STATE_CONFLICT' | 'ATTEMPT_SUPERSEDED' | 'TASK_ALREADY_CLAIMED' | 'IDENTITY_MISMATCH'
  >;
  reason: string;
  /** The field at fault, when one is. */
  path?: string;
}

/**
 * The input is right, but one that was sent before it has not been seen yet. It is to come again a little
 * later.
 */
export interface TaskEarly {
  outcome: 'early';
  reason: string;
}

/** The columns that change; the caller adds nothing but times by the database's clock. */
export interface TaskChanges {
  attempt?: number;
  daemonId?: string | null;
  exitCode?: number | null;
  stateReason?: string | null;
  worktreePath?: string | null;
  /** Why the worktree cannot be captured, from now on if it was not so before; null: it can be. */
  capturesFailing?: string | null;
  /** Set these to the database's clock, or clear them. */
  spawnedAt?: 'now';
  startedAt?: 'now' | null;
  endedAt?: 'now' | null;
  /** When it is decided whether the task is resumed by itself; null: not by itself. */
  resumeAt?: { inSeconds: number } | null;
}

export type TaskAction =
  /** Notify everyone about the new state. */
  | { type: 'announce'; kind: TaskEventKind }
  | { type: 'announce-capture-health'; kind: CaptureHealthKind; failingSince: Date | null }
  | { type: 'announce-restored' }
  | { type: 'announce-restore-failed' }
  /** Send SpawnTask for the new attempt. */
  | { type: 'spawn'; cause: SpawnCause }
  /** Notify this daemon to end whatever still runs of that attempt. */
  | { type: 'stop-process'; daemonId: string; attempt: number; reason: string };

/** For a repetition, and for what comes too late to matter. */
export function unchanged(task: TaskSnapshot): TaskTransition {
  return { outcome: 'accepted', state: task.state, changes: {}, actions: [] };
}

export function refuse(code: TaskRefusal['code'], reason: string, path?: string): TaskRefusal {
  return { outcome: 'refused', code, reason, path };
}

/** What is thrown or kept of a refusal. */
export function refusalError({ code, reason, path }: TaskRefusal): ContractError {
  return new ContractError(code, reason, path);
}
