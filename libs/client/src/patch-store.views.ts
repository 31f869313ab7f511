import type { CheckpointKind, Omission, PatchAbsentReason, TaskState } from '#contracts';

/** The fields of a task that this program reads. */
export interface TaskSummary {
  id: string;
  name: string;
  runner: string;
  repoUrl: string;
  baseBranch: string | null;
  targetBranch: string | null;
  pool: string;
  state: TaskState;
  stateReason: string | null;
  attempt: number;
  daemonId: string | null;
  requestedDaemonId: string | null;
  lastCheckpointNumber: number;
  exitCode: number | null;
  worktreePath: string | null;
  autoResume: boolean;
  createdAt: string;
  updatedAt: string;
  recovery: RecoveryView;
  /** Null: not known. Absent: the server is older. */
  unconfirmedCaptures?: UnconfirmedCapturesView | null;
}

/** What a resume of the task would bring back now. */
export interface RecoveryView {
  newestCheckpoint: {
    number: number;
    isClean: boolean | null;
    baseReachable: boolean | null;
    filesChanged: number | null;
    omissionsCount: number;
    ageSeconds: number;
  } | null;
  /** Null: it would start afresh. */
  restorableCheckpointNumber: number | null;
  /** Why that is not the newest one; null: it is. */
  notNewestBecause: string | null;
}

/** What a daemon has captured and not seen stored, as it said last. */
export interface UnconfirmedCapturesView {
  count: number;
  oldestAgeSeconds: number | null;
  saidAgeSeconds: number;
}

export interface TaskView extends TaskSummary {
  plan: string;
}

/** The fields of a checkpoint that this program reads. */
export interface CheckpointView {
  number: number;
  attempt: number;
  sequence: number;
  kind: CheckpointKind;
  message: string;
  daemonId: string;
  commitSha: string | null;
  treeSha: string;
  branchName: string | null;
  baseReachable: boolean | null;
  filesChanged: number | null;
  linesAdded: number | null;
  linesRemoved: number | null;
  omissions: Omission[];
  omissionsCount: number;
  patchId: string | null;
  bundleId: string | null;
  patchAbsentReason: PatchAbsentReason | null;
  superseded: boolean;
  capturedAt: string;
  createdAt: string;
}

/** A file that a checkpoint changes on its base. */
export interface FileChange {
  /** Bytes that are not UTF-8 are shown as U+FFFD. */
  path: string;
  status: 'added' | 'modified' | 'deleted';
  added: number;
  removed: number;
  binary: boolean;
}

export interface CheckpointDetail extends CheckpointView {
  /** Null: its diff is gone, or too large to be listed. */
  files: FileChange[] | null;
}

export interface DaemonView {
  id: string;
  state: 'alive' | 'dead';
  pool: string;
  hostname: string;
  agentVersion: string;
  maxTasks: number;
  tasks: { taskId: string; attempt: number }[];
  startedAt: string;
  lastHeartbeatAt: string;
}

export interface TaskFilter {
  state?: string | undefined;
  pool?: string | undefined;
  daemon?: string | undefined;
  name?: string | undefined;
  /** The beginning of the id. */
  idPrefix?: string | undefined;
  /** The end of the id, up to 12 digits. */
  idSuffix?: string | undefined;
}

export interface EventFilter {
  task?: string | undefined;
  kind?: string | undefined;
  since?: string | undefined;
}

export interface DeadLetterSummary {
  id: string;
  consumer: string;
  subject: string;
  code: string;
  path: string | null;
  reason: string;
  daemonId: string | null;
  taskId: string | null;
  deliveredCount: number;
  createdAt: string;
  replayedAt: string | null;
}

export interface DeadLetterDetail extends DeadLetterSummary {
  /** Base64. */
  payload: string;
  /** Null: it is not UTF-8. */
  payloadText: string | null;
}

export interface DeadLetterFilter {
  task?: string | undefined;
  daemon?: string | undefined;
  code?: string | undefined;
}
