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

  /** What it runs at once, at most. */
  @IsCount()
  maxTasks!: number;

  /** What the daemon said that it runs. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => HeartbeatTask)
  tasks!: HeartbeatTask[];

  /** By the daemon's clock. */
  @IsTimestamp()
  startedAt!: string;

  /** By the database's clock, as the next one. */
  @IsTimestamp()
  firstSeenAt!: string;

  @IsTimestamp()
  lastHeartbeatAt!: string;
}

/** Every daemon that was ever heard of, by id. */
export class DaemonList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DaemonView)
  daemons!: DaemonView[];
}
