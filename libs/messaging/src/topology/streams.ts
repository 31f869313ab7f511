import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { streamSubjects } from '#contracts';

const MEBIBYTE = 1024 * 1024;
const HOUR_MILLISECONDS = 60 * 60 * 1000;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;

/** The part of a stream's configuration that we decide; the server's defaults hold for the rest. */
export type StreamDeclaration = Pick<
  StreamConfig,
  'name' | 'subjects' | 'retention' | 'storage' | 'discard' | 'max_bytes' | 'max_age'
> &
  Partial<Pick<StreamConfig, 'max_msgs_per_subject' | 'allow_direct'>>;

/**
 * Kept until its one consumer has settled it. When full, the publisher gets an error: nothing unread is
 * dropped.
 */
const workQueue = {
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
} as const;

/** Kept for a time, however often it is read. */
const log = { retention: RetentionPolicy.Limits, storage: StorageType.File } as const;

/**
 * All streams. The server reserves `max_bytes` of its storage limit (by default 75% of the free disk) for
 * each when it is made: 3.9 GiB together.
 */
export const STREAMS = {
  checkpoints: {
    ...workQueue,
    name: 'CHECKPOINTS',
    subjects: [streamSubjects.checkpoints],
    max_bytes: 1024 * MEBIBYTE,
    max_age: 0,
  },
  /**
   * One message per chunk: sending a chunk again replaces it. When full, the agent waits instead of losing
   * older blobs.
   */
  blobs: {
    ...log,
    name: 'BLOBS',
    subjects: [streamSubjects.blobs],
    discard: DiscardPolicy.New,
    max_bytes: 1024 * MEBIBYTE,
    max_age: nanos(DAY_MILLISECONDS),
    max_msgs_per_subject: 1,
    allow_direct: true,
  },
  tasks: {
    ...workQueue,
    name: 'TASKS',
    subjects: [streamSubjects.tasks],
    max_bytes: 128 * MEBIBYTE,
    max_age: 0,
  },
  /**
   * A command that no daemon took for a week addresses one that is gone; it must not fill the stream for the
   * others.
   */
  commands: {
    ...workQueue,
    name: 'COMMANDS',
    subjects: [streamSubjects.commands],
    max_bytes: 256 * MEBIBYTE,
    max_age: nanos(7 * DAY_MILLISECONDS),
  },
  events: {
    ...log,
    name: 'EVENTS',
    subjects: [streamSubjects.events],
    discard: DiscardPolicy.Old,
    max_bytes: 512 * MEBIBYTE,
    max_age: nanos(7 * DAY_MILLISECONDS),
  },
  output: {
    ...log,
    name: 'OUTPUT',
    subjects: [streamSubjects.output],
    discard: DiscardPolicy.Old,
    max_bytes: 1024 * MEBIBYTE,
    max_age: nanos(DAY_MILLISECONDS),
  },
} as const satisfies Record<string, StreamDeclaration>;
