import {
  awaitsResume,
  isEnded,
  type ErrorCode,
  type TaskEventKind,
  type TaskReport,
  type TaskState,
} from '#contracts';
import type { SpawnCause } from '#database';
import type { ResumePlan } from './plan-resume.js';

/** What a decision about a task depends on. */
export interface TaskSnapshot {
  state: TaskState;
  /** 1 for the first spawn. */
  attempt: number;
  /** Who claimed the attempt; null until someone has. */
  daemonId: string | null;
  /** The only daemon that may claim the attempt; null: any of the pool. */
  requestedDaemonId: string | null;
  pool: string;
  isSupervisor: boolean;
}

export type TaskInput =
  | {
      type: 'spawn-requested';
      /** Whether the daemon that holds the current attempt was heard of lately. */
      holderAlive: boolean;
      /** Take the task away from a daemon that is alive. */
      force: boolean;
    }
  | {
      type: 'claimed';
      daemonId: string;
      attempt: number;
      /** The pool that the daemon's heartbeats name; null: it has not been heard of yet. */
      daemonPool: string | null;
    }
  | ReportedInput
  | { type: 'stop-requested'; holderAlive: boolean; reason: string }
  | { type: 'daemon-lost'; daemonId: string; reason: string }
  /** The daemon of a lost attempt is heard again, and says that it runs it. */
  | { type: 'daemon-back'; daemonId: string; attempt: number }
  /** A lost or released task is due to be resumed by itself. */
  | { type: 'resume-due'; plan: ResumePlan }
  /** Nobody claimed the attempt, although somebody could have. */
  | { type: 'unclaimed' };

export interface ReportedInput {
  type: 'reported';
  report: TaskReport;
  daemonId: string;
  attempt: number;
  exitCode?: number;
  reason?: string;
  worktreePath?: string;
  /** False: an earlier report that is still missing will not come any more. */
  mayWait: boolean;
}

/** The columns that change; the caller adds nothing but times by the database's clock. */
export interface TaskChanges {
  attempt?: number;
  daemonId?: string | null;
  exitCode?: number | null;
  stateReason?: string | null;
  worktreePath?: string | null;
  /** Set these to the database's clock, or clear them. */
  spawnedAt?: 'now';
  startedAt?: 'now' | null;
  endedAt?: 'now' | null;
  /** When it is decided whether the task is resumed by itself; null: not by itself. */
  resumeAt?: { inSeconds: number } | null;
}

export type TaskAction =
  /** Tell everyone about the new state. */
  | { type: 'announce'; kind: TaskEventKind }
  | { type: 'announce-restored' }
  | { type: 'announce-restore-failed' }
  /** Send SpawnTask for the new attempt. */
  | { type: 'spawn'; cause: SpawnCause }
  /** Tell this daemon to end whatever still runs of that attempt. */
  | { type: 'stop-process'; daemonId: string; attempt: number; reason: string };

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
}

/** The input is right, but one that was sent before it has not been seen yet. It is to come again a little later. */
export interface TaskEarly {
  outcome: 'early';
  reason: string;
}

export type TaskDecision = TaskTransition | TaskRefusal | TaskEarly;

/**
 * Decides what becomes of a task. Pure: the caller holds the task's row lock, writes the changes and performs the actions in
 * one transaction, so that inputs of several replicas are decided one after another.
 *
 * Inputs arrive at least once and late. A repetition and a report of an older attempt change nothing; an input that can
 * never be right (another daemon's attempt, one that was never spawned) is refused.
 */
export function nextTaskState(task: TaskSnapshot, input: TaskInput): TaskDecision {
  switch (input.type) {
    case 'spawn-requested':
      return onSpawnRequested(task, input);
    case 'claimed':
      return onClaimed(task, input);
    case 'reported':
      return onReported(task, input);
    case 'stop-requested':
      return onStopRequested(task, input);
    case 'daemon-lost':
      return onDaemonLost(task, input);
    case 'daemon-back':
      return onDaemonBack(task, input);
    case 'resume-due':
      return onResumeDue(task, input.plan);
    case 'unclaimed':
      return onUnclaimed(task);
  }
}

function onSpawnRequested(
  task: TaskSnapshot,
  input: Extract<TaskInput, { type: 'spawn-requested' }>,
): TaskTransition | TaskRefusal {
  const runs = !isEnded(task.state) && task.daemonId !== null && input.holderAlive;
  if (runs && !task.isSupervisor && !input.force) {
    return refuse(
      'TASK_STATE_CONFLICT',
      `The task is ${task.state} on daemon "${task.daemonId}", which is alive. Stop it first, or resume with "force": true.`,
    );
  }
  return spawnAgain(task, 'request');
}

function spawnAgain(task: TaskSnapshot, cause: SpawnCause): TaskTransition {
  const attempt = task.attempt + 1;
  return {
    outcome: 'accepted',
    state: 'spawning',
    changes: {
      attempt,
      daemonId: null,
      exitCode: null,
      stateReason: null,
      spawnedAt: 'now',
      startedAt: null,
      endedAt: null,
      resumeAt: null,
    },
    actions: [
      ...stopEarlierProcess(task, `Attempt ${attempt} takes over.`),
      { type: 'spawn', cause },
      { type: 'announce', kind: 'task-spawning' },
    ],
  };
}

/** Also sent to a daemon that seems dead: should it come back, its process must not run beside the new one. */
function stopEarlierProcess(task: TaskSnapshot, reason: string): TaskAction[] {
  const mayStillRun = !isEnded(task.state) || task.state === 'lost';
  if (!mayStillRun || task.daemonId === null) return [];
  return [{ type: 'stop-process', daemonId: task.daemonId, attempt: task.attempt, reason }];
}

function onClaimed(
  task: TaskSnapshot,
  input: Extract<TaskInput, { type: 'claimed' }>,
): TaskTransition | TaskRefusal {
  if (input.attempt < task.attempt) {
    return refuse(
      'ATTEMPT_SUPERSEDED',
      `Attempt ${input.attempt} was superseded by attempt ${task.attempt}. Drop it.`,
    );
  }
  if (input.attempt > task.attempt) return refuseUnknownAttempt(task, input.attempt);
  if (isEnded(task.state)) {
    return refuse(
      'TASK_STATE_CONFLICT',
      `The task is ${task.state}; attempt ${input.attempt} is not to run.`,
    );
  }
  if (task.daemonId !== null) {
    if (task.daemonId === input.daemonId) return unchanged(task);
    return refuse(
      'TASK_ALREADY_CLAIMED',
      `Daemon "${task.daemonId}" claimed attempt ${input.attempt} first. Drop it.`,
    );
  }
  if (task.requestedDaemonId !== null && task.requestedDaemonId !== input.daemonId) {
    return refuse(
      'TASK_ALREADY_CLAIMED',
      `Attempt ${input.attempt} is reserved for daemon "${task.requestedDaemonId}". Drop it.`,
    );
  }
  const isOfPool = input.daemonPool === null || input.daemonPool === task.pool;
  if (task.requestedDaemonId === null && !isOfPool) {
    return refuse(
      'TASK_STATE_CONFLICT',
      `Attempt ${input.attempt} is for pool "${task.pool}"; daemon "${input.daemonId}" is of pool "${input.daemonPool}". Drop it.`,
    );
  }
  return { outcome: 'accepted', state: task.state, changes: { daemonId: input.daemonId }, actions: [] };
}

function onReported(task: TaskSnapshot, input: ReportedInput): TaskDecision {
  if (input.attempt < task.attempt) return unchanged(task);
  if (input.attempt > task.attempt) return refuseUnknownAttempt(task, input.attempt);
  if (task.daemonId !== input.daemonId) {
    return refuse(
      'IDENTITY_MISMATCH',
      `Attempt ${input.attempt} is held by ${task.daemonId === null ? 'no daemon' : `daemon "${task.daemonId}"`}, not by "${input.daemonId}", which must claim it before it reports.`,
    );
  }
  switch (input.report) {
    case 'started':
      return onStarted(task, input);
    case 'restored':
      return { ...unchanged(task), actions: [{ type: 'announce-restored' }] };
    case 'restore-failed':
      return { ...unchanged(task), actions: [{ type: 'announce-restore-failed' }] };
    case 'completed':
    case 'failed':
    case 'stopped':
    case 'released':
      return onEnded(task, input.report, input);
  }
}

function onStarted(task: TaskSnapshot, input: ReportedInput): TaskTransition {
  if (task.state !== 'spawning') return unchanged(task);
  return {
    outcome: 'accepted',
    state: 'running',
    changes: {
      startedAt: 'now',
      worktreePath: input.worktreePath ?? null,
      stateReason: input.reason ?? null,
    },
    actions: [{ type: 'announce', kind: 'task-started' }],
  };
}

/**
 * The first end counts. A process that exited was started before; where reports are handled side by side, the end of a short
 * one can overtake its start. A task given up as lost ended as its daemon says after all, when nobody else has resumed it yet. */
function onEnded(
  task: TaskSnapshot,
  state: 'completed' | 'failed' | 'stopped' | 'released',
  input: ReportedInput,
): TaskTransition | TaskEarly {
  if (isEnded(task.state) && task.state !== 'lost') return unchanged(task);
  if (task.state === 'spawning' && input.exitCode !== undefined && input.mayWait) {
    return { outcome: 'early', reason: `"${state}" overtook "started" of attempt ${input.attempt}.` };
  }
  return {
    outcome: 'accepted',
    state,
    changes: {
      endedAt: 'now',
      exitCode: input.exitCode ?? null,
      stateReason: input.reason ?? null,
      resumeAt: awaitsResume(state) ? { inSeconds: 0 } : null,
    },
    actions: [{ type: 'announce', kind: `task-${state}` }],
  };
}

/**
 * A daemon that is alive ends the process and reports `stopped`; where none can, the task is stopped here and now. So is one
 * that only waits to be resumed.
 */
function onStopRequested(
  task: TaskSnapshot,
  input: Extract<TaskInput, { type: 'stop-requested' }>,
): TaskTransition {
  if (isEnded(task.state) && !awaitsResume(task.state)) return unchanged(task);
  const stopProcess = stopEarlierProcess(task, input.reason);
  if (!isEnded(task.state) && task.daemonId !== null && input.holderAlive) {
    return { outcome: 'accepted', state: task.state, changes: {}, actions: stopProcess };
  }
  return {
    outcome: 'accepted',
    state: 'stopped',
    changes: { endedAt: 'now', stateReason: input.reason, resumeAt: null },
    actions: [...stopProcess, { type: 'announce', kind: 'task-stopped' }],
  };
}

function onDaemonLost(
  task: TaskSnapshot,
  input: Extract<TaskInput, { type: 'daemon-lost' }>,
): TaskTransition {
  if (isEnded(task.state) || task.daemonId !== input.daemonId) return unchanged(task);
  return {
    outcome: 'accepted',
    state: 'lost',
    changes: { endedAt: 'now', stateReason: input.reason, resumeAt: { inSeconds: 0 } },
    actions: [{ type: 'announce', kind: 'task-lost' }],
  };
}

/** Nobody has taken the attempt over, so its process may go on: better than to end it and begin another. */
function onDaemonBack(
  task: TaskSnapshot,
  input: Extract<TaskInput, { type: 'daemon-back' }>,
): TaskTransition {
  const isTheirs = task.daemonId === input.daemonId && task.attempt === input.attempt;
  if (task.state !== 'lost' || !isTheirs) return unchanged(task);
  return {
    outcome: 'accepted',
    state: 'running',
    changes: { endedAt: null, stateReason: `Daemon "${input.daemonId}" is back.`, resumeAt: null },
    actions: [{ type: 'announce', kind: 'task-started' }],
  };
}

function onResumeDue(task: TaskSnapshot, plan: ResumePlan): TaskTransition {
  if (!awaitsResume(task.state)) return unchanged(task);
  switch (plan.plan) {
    case 'resume':
      return spawnAgain(task, 'resume');
    case 'wait':
      return {
        ...unchanged(task),
        changes: { stateReason: plan.reason, resumeAt: { inSeconds: plan.seconds } },
      };
    case 'give-up':
      return {
        ...unchanged(task),
        changes: { stateReason: plan.reason, resumeAt: null },
        actions: [{ type: 'announce', kind: 'task-given-up' }],
      };
  }
}

function onUnclaimed(task: TaskSnapshot): TaskTransition {
  if (task.state !== 'spawning' || task.daemonId !== null) return unchanged(task);
  return spawnAgain(task, 'respawn');
}

function unchanged(task: TaskSnapshot): TaskTransition {
  return { outcome: 'accepted', state: task.state, changes: {}, actions: [] };
}

function refuse(code: TaskRefusal['code'], reason: string): TaskRefusal {
  return { outcome: 'refused', code, reason };
}

function refuseUnknownAttempt(task: TaskSnapshot, attempt: number): TaskRefusal {
  return refuse(
    'TASK_STATE_CONFLICT',
    `Attempt ${attempt} was never spawned; the task is at attempt ${task.attempt}.`,
  );
}
