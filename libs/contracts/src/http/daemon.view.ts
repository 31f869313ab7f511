import { Type } from 'class-transformer';
import { IsArray, IsIn, ValidateNested } from 'class-validator';
import { IsCount, IsNameToken, IsText, IsTimestamp } from '../fields/fields.js';
import { HeartbeatTask } from '../messages/daemon-heartbeat.js';

/** A daemon as its heartbeats describe it. */
export class DaemonView {
  @IsNameToken()
  id!: string;

  /** `dead`: silent for too long. */
  @IsIn(['alive', 'dead'])
  state!: 'alive' | 'dead';

  @IsNameToken()
  pool!: string;

  @IsText(255)
  hostname!: string;

  @IsText(64)
  agentVersion!: string;

  /** Most concurrent tasks. */
  @IsCount()
  maxTasks!: number;

  /** The tasks that the daemon reports as running. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => HeartbeatTask)
  tasks!: HeartbeatTask[];

  /** By the daemon's clock. */
  @IsTimestamp()
  startedAt!: string;

  /** By the database's clock, like the next one. */
  @IsTimestamp()
  firstSeenAt!: string;

  @IsTimestamp()
  lastHeartbeatAt!: string;
}

/** Every known daemon, by id. */
export class DaemonList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DaemonView)
  daemons!: DaemonView[];
}
