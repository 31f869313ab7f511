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
  /** Empty together with `actions`: a repeated input, or a report that came too late to matter. */
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
  /** The field at fault, if there is one. */
  path?: string;
}

/**
 * The input is valid, but one that was sent before it has not arrived yet. It must be delivered again a
 * little later.
 */
export interface TaskEarly {
  outcome: 'early';
  reason: string;
}

/** The columns that change; the caller only adds times by the database's clock. */
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
  /** When to decide whether the task is resumed automatically; null: never. */
  resumeAt?: { inSeconds: number } | null;
}

export type TaskAction =
  /** Announce the new state. */
  | { type: 'announce'; kind: TaskEventKind }
  | { type: 'announce-capture-health'; kind: CaptureHealthKind; failingSince: Date | null }
  | { type: 'announce-restored' }
  | { type: 'announce-restore-failed' }
  | { type: 'announce-conversation-refused' }
  /** Send SpawnTask for the new attempt. */
  | { type: 'spawn'; cause: SpawnCause }
  /** Notify this daemon to end whatever still runs of that attempt. */
  | { type: 'stop-process'; daemonId: string; attempt: number; reason: string };

/** For a repeated input, and for one that comes too late to matter. */
export function unchanged(task: TaskSnapshot): TaskTransition {
  return { outcome: 'accepted', state: task.state, changes: {}, actions: [] };
}

export function refuse(code: TaskRefusal['code'], reason: string, path?: string): TaskRefusal {
  return { outcome: 'refused', code, reason, path };
}

/** A refusal, as it is thrown or kept. */
export function refusalError({ code, reason, path }: TaskRefusal): ContractError {
  return new ContractError(code, reason, path);
}
