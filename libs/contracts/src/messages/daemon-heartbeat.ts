import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, ValidateNested } from 'class-validator';
import { IsCount, IsId, IsNameToken, IsOrdinal, IsText, IsTimestamp } from '../fields/fields.js';
import { Message } from '../wire/message.js';
import { FailingCaptures, MAX_FAILING_TASKS } from './failing-captures.js';

/** A daemon sends a heartbeat this often. */
export const DAEMON_HEARTBEAT_SECONDS = 15;

/** A daemon without a heartbeat for this long is considered dead (the reference's number). */
export const DAEMON_TIMEOUT_SECONDS = 120;

export class HeartbeatTask {
  @IsId()
  taskId!: string;

  @IsOrdinal()
  attempt!: number;
}

/**
 * Most tasks whose unconfirmed captures one heartbeat lists: 100 KB of the megabyte that a NATS message may
 * have.
 */
export const MAX_UNCONFIRMED_TASKS = 1000;

/** What a daemon's spool holds of one task. */
export class UnconfirmedCaptures {
  @IsId()
  taskId!: string;

  /** Captures of all attempts of the task that this daemon made. */
  @IsOrdinal()
  count!: number;

  /** How long the oldest of them has waited, by the daemon's clock. */
  @IsCount()
  oldestAgeSeconds!: number;
}

/**
 * daemon-agent → patch-store, every 15 s over core NATS: it is alive, with this many slots. Losing one is
 * harmless.
 */
export class DaemonHeartbeat extends Message {
  @IsNameToken()
  daemonId!: string;

  @IsNameToken()
  pool!: string;

  @IsText(255)
  hostname!: string;

  @IsText(64)
  agentVersion!: string;

  @IsCount(10_000)
  maxTasks!: number;

  /** What runs here now. */
  @IsArray()
  @ArrayMaxSize(10_000)
  @ValidateNested({ each: true })
  @Type(() => HeartbeatTask)
  tasks!: HeartbeatTask[];

  /**
   * Captures that no CheckpointStored has confirmed yet, for each task that has some, including ended ones. A
   * task that is not listed has none, unless the list is full: then it has those that have waited longest.
   * Absent: the daemon does not report them.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_UNCONFIRMED_TASKS)
  @ValidateNested({ each: true })
  @Type(() => UnconfirmedCaptures)
  unconfirmedCaptures?: UnconfirmedCaptures[];

  /**
   * The tasks whose newest captures failed, also ended ones whose last state is in no checkpoint. Those that
   * have failed longest, when there are more. Absent: the daemon does not report them.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_FAILING_TASKS)
  @ValidateNested({ each: true })
  @Type(() => FailingCaptures)
  failingCaptures?: FailingCaptures[];

  /** When the daemon process started, by its own clock. */
  @IsTimestamp()
  startedAt!: string;
}
