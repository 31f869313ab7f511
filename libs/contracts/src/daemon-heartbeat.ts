import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, ValidateNested } from 'class-validator';
import { IsCount, IsId, IsNameToken, IsOrdinal, IsText, IsTimestamp } from './fields.js';
import { Message } from './message.js';

/** A daemon announces itself this often. */
export const DAEMON_HEARTBEAT_SECONDS = 15;

/** A daemon that was silent for so long counts as dead (the reference's number). */
export const DAEMON_TIMEOUT_SECONDS = 120;

export class HeartbeatTask {
  @IsId()
  taskId!: string;

  @IsOrdinal()
  attempt!: number;
}

/** daemon-agent → patch-store, every 15 s over core NATS: alive, with this much room. A lost one does no harm. */
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

  /** When the daemon process started, by its own clock. */
  @IsTimestamp()
  startedAt!: string;
}
