import { AckPolicy, DeliverPolicy, ReplayPolicy, type ConsumerConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { streamSubjects, subjects } from '#contracts';
import { STREAMS } from './streams.js';

/** The durable consumers, by what they bring. Those of a daemon or a pool exist once per daemon or pool. */
export const CONSUMERS = {
  checkpointIngest: 'checkpoint-ingest',
  taskReports: 'task-reports',
  daemonSpawnTask: 'daemon-spawn-task',
  daemonCreateCheckpoint: 'daemon-create-checkpoint',
  daemonStopTask: 'daemon-stop-task',
  daemonCleanupWorktree: 'daemon-cleanup-worktree',
  daemonUndoWorktree: 'daemon-undo-worktree',
  poolSpawnTask: 'pool-spawn-task',
} as const;

export type ConsumerKey = (typeof CONSUMERS)[keyof typeof CONSUMERS];

/** The daemon that this process is, for the consumers that are its own. */
export interface DaemonIdentity {
  readonly daemonId: string;
  readonly pool: string;
}

/** A shared durable pull consumer: every process that pulls from it gets a part of the messages. */
export interface ConsumerDeclaration {
  readonly stream: string;
  readonly durableName: string;
  readonly filterSubject: string;
  /** A message that is neither settled nor reported as being worked on for so long is delivered again. */
  readonly ackWaitSeconds: number;
  /** Messages that all replicas together may hold unsettled. */
  readonly maxAckPending: number;
  /** Handlers that one replica runs at once; it buffers as many messages again. */
  readonly concurrency: number;
  /** Pulls that may wait at once: one per replica, or one per idle agent of a pool. */
  readonly maxWaiting: number;
  /** The server forgets the consumer, not its messages, when nobody pulls for so long. Absent: never. */
  readonly forgottenAfterSeconds?: number;
}

/**
 * All consumers, as one process sees them.
 *
 * A daemon's own are forgotten a day after it was last there, so that machines that come and go leave nothing
 * behind; when it comes back they are made again, and the commands are still in the stream.
 */
export function consumerDeclarations(
  daemon?: DaemonIdentity,
): Partial<Record<ConsumerKey, ConsumerDeclaration>> {
  return { ...serviceConsumers, ...(daemon && daemonConsumers(daemon)) };
}

const DAY_SECONDS = 24 * 60 * 60;

const serviceConsumers = {
  // 8 replicas with full buffers; 128 rows are one group commit.
  [CONSUMERS.checkpointIngest]: {
    stream: STREAMS.checkpoints.name,
    durableName: 'checkpoint-ingest',
    filterSubject: streamSubjects.checkpoints,
    ackWaitSeconds: 30,
    maxAckPending: 2048,
    concurrency: 128,
    maxWaiting: 512,
  },
  [CONSUMERS.taskReports]: {
    stream: STREAMS.tasks.name,
    durableName: 'patch-store',
    filterSubject: streamSubjects.tasks,
    ackWaitSeconds: 30,
    maxAckPending: 512,
    concurrency: 32,
    maxWaiting: 512,
  },
} satisfies Partial<Record<ConsumerKey, ConsumerDeclaration>>;

/** Those of a daemon and its pool. */
export function daemonConsumers({
  daemonId,
  pool,
}: DaemonIdentity): Partial<Record<ConsumerKey, ConsumerDeclaration>> {
  const own = (name: Parameters<typeof subjects.daemonCommand>[1], ackWaitSeconds: number) => ({
    stream: STREAMS.commands.name,
    durableName: `daemon-${daemonId}-${name}`,
    filterSubject: subjects.daemonCommand(daemonId, name),
    ackWaitSeconds,
    maxAckPending: 256,
    concurrency: 16,
    maxWaiting: 16,
    forgottenAfterSeconds: DAY_SECONDS,
  });
  return {
    [CONSUMERS.daemonSpawnTask]: own('spawn-task', 60),
    [CONSUMERS.daemonCreateCheckpoint]: own('create-checkpoint', 30),
    [CONSUMERS.daemonStopTask]: own('stop-task', 30),
    [CONSUMERS.daemonCleanupWorktree]: own('cleanup-worktree', 30),
    [CONSUMERS.daemonUndoWorktree]: own('undo-worktree', 30),
    [CONSUMERS.poolSpawnTask]: {
      stream: STREAMS.commands.name,
      durableName: `pool-${pool}-spawn-task`,
      filterSubject: subjects.poolSpawnTask(pool),
      ackWaitSeconds: 60,
      maxAckPending: 1000,
      concurrency: 1,
      maxWaiting: 4096,
      forgottenAfterSeconds: DAY_SECONDS,
    },
  };
}

/**
 * The server's form of a declaration. Deliveries are not limited: a dependency that is down for an hour must
 * not use them up. What can never succeed is taken out by its handler (see settle.ts).
 */
export function consumerConfig(declaration: ConsumerDeclaration): Partial<ConsumerConfig> {
  return {
    durable_name: declaration.durableName,
    filter_subject: declaration.filterSubject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: nanos(declaration.ackWaitSeconds * 1000),
    max_deliver: -1,
    max_ack_pending: declaration.maxAckPending,
    max_waiting: declaration.maxWaiting,
    ...(declaration.forgottenAfterSeconds !== undefined && {
      inactive_threshold: nanos(declaration.forgottenAfterSeconds * 1000),
    }),
  };
}
