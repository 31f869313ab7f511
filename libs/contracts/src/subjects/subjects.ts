import { ContractError } from '../wire/contract-error.js';
import { CAPTURE_HEALTH_KINDS } from '../events/capture-health-changed.js';
import { INTAKE_KINDS } from '../events/intake-changed.js';
import { TASK_EVENT_KINDS } from '../events/task-event.js';

/** Instead of a daemon's id, for events of a task that no daemon holds. Not a valid daemon id. */
export const NO_DAEMON = '_';

/** Every kind of event, as it ends the subject. */
export const EVENT_KINDS = [
  'checkpoint-stored',
  'checkpoint-rejected',
  'checkpoint-failed',
  'worktree-restored',
  'worktree-restore-failed',
  'conversation-refused',
  'patch-expired',
  ...CAPTURE_HEALTH_KINDS,
  ...INTAKE_KINDS,
  ...TASK_EVENT_KINDS,
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export type CommandName =
  'spawn-task' | 'create-checkpoint' | 'stop-task' | 'cleanup-worktree' | 'undo-worktree';

export type RpcName =
  | 'claim-task'
  | 'open-commands'
  | 'create-patch'
  | 'get-patch'
  | 'latest-patch'
  | 'list-patches'
  | 'delete-patches'
  | 'read-patch-slice'
  | 'read-conversation'
  | 'list-checkpoints'
  | 'restorable-checkpoint';

const PREFIX = 'patchpoint.v1';

/**
 * Every subject that Patchpoint uses. The daemon's id is a token of each, so that a NATS account can
 * confine a daemon to its own tasks. `*` is accepted in place of any id, for subscriptions.
 */
export const subjects = {
  checkpointCreated: (daemonId: string, taskId: string) =>
    `${PREFIX}.checkpoint.created.${daemonId}.${taskId}`,
  blobChunk: (daemonId: string, sha256: string, index: number) =>
    `${PREFIX}.blob.${daemonId}.${sha256}.${index}`,
  blobChunks: (daemonId: string, sha256: string) => `${PREFIX}.blob.${daemonId}.${sha256}.*`,
  /** All chunks of a daemon. */
  blobsOf: (daemonId: string) => `${PREFIX}.blob.${daemonId}.>`,
  blobsMissing: (daemonId: string, taskId: string) => `${PREFIX}.missing.${daemonId}.${taskId}`,
  taskReported: (daemonId: string, taskId: string) => `${PREFIX}.task.reported.${daemonId}.${taskId}`,
  daemonCommand: (daemonId: string, name: CommandName) => `${PREFIX}.command.daemon.${daemonId}.${name}`,
  poolSpawnTask: (pool: string) => `${PREFIX}.command.pool.${pool}.spawn-task`,
  event: (daemonId: string, taskId: string, kind: EventKind | '*') =>
    `${PREFIX}.event.${daemonId}.${taskId}.${kind}`,
  output: (daemonId: string, taskId: string) => `${PREFIX}.output.${daemonId}.${taskId}`,
  /** The pool is a token too: whoever gives a daemon its credentials decides which pool it is of. */
  heartbeat: (pool: string, daemonId: string) => `${PREFIX}.heartbeat.${pool}.${daemonId}`,
  /** Of daemons of version 0.1: of no pool but the one that they are known in. */
  heartbeatWithoutPool: (daemonId: string) => `${PREFIX}.heartbeat.${daemonId}`,
  rpc: (daemonId: string, name: RpcName | '*') => `${PREFIX}.rpc.${daemonId}.${name}`,
} as const;

/**
 * The prefix of the subjects on which a daemon receives replies. With the clients' common `_INBOX`, a client
 * that may receive its own replies may read those of all.
 */
export const inboxPrefix = (daemonId: string): string => `_INBOX_${daemonId}`;

/** The subjects of each stream. */
export const streamSubjects = {
  checkpoints: `${PREFIX}.checkpoint.created.>`,
  blobs: `${PREFIX}.blob.>`,
  tasks: `${PREFIX}.task.reported.>`,
  commands: `${PREFIX}.command.>`,
  events: `${PREFIX}.event.>`,
  output: `${PREFIX}.output.>`,
} as const;

/**
 * The daemon (and its pool or the task, where there is one) that a subject names.
 *
 * @throws ContractError `IDENTITY_MISMATCH` for a subject of another form
 */
export function subjectIdentity(subject: string): SubjectIdentity {
  const rest = subject.startsWith(`${PREFIX}.`) ? subject.slice(PREFIX.length + 1).split('.') : [];
  const [first, second, third, fourth] = rest;
  switch (first) {
    case 'checkpoint':
    case 'task':
      if (third && fourth) return { daemonId: third, taskId: fourth };
      break;
    case 'event':
    case 'output':
    case 'missing':
      if (second && third) return { daemonId: second, taskId: third };
      break;
    case 'heartbeat':
      if (second && third) return { daemonId: third, pool: second };
      if (second) return { daemonId: second };
      break;
    case 'rpc':
    case 'blob':
      if (second) return { daemonId: second };
      break;
  }
  throw new ContractError('IDENTITY_MISMATCH', `Subject "${subject}" does not name a daemon.`);
}

/** What a subject says of who publishes to it. */
export interface SubjectIdentity {
  daemonId: string;
  taskId?: string;
  pool?: string;
}

/**
 * A body must name the daemon, pool and task of its subject, or it is refused: permissions are granted on
 * subjects.
 *
 * @throws ContractError `IDENTITY_MISMATCH`
 */
export function requireIdentity(subject: string, body: SubjectIdentity): void {
  const named = subjectIdentity(subject);
  for (const field of IDENTITY_FIELDS) {
    if (named[field] === undefined || body[field] === undefined || named[field] === body[field]) continue;
    throw new ContractError(
      'IDENTITY_MISMATCH',
      `The message says ${field} "${body[field]}", its subject says "${named[field]}".`,
      field,
    );
  }
}

const IDENTITY_FIELDS = ['daemonId', 'taskId', 'pool'] as const;
