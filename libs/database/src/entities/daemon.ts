import type { HeartbeatTask, UnconfirmedCaptures } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'daemons', comment: 'Daemons as their heartbeats describe them' })
export class Daemon {
  @PrimaryColumn({ type: 'varchar', length: 64 })
  id!: string;

  @Column({ type: 'varchar', length: 64 })
  pool!: string;

  @Column({ type: 'varchar', length: 255 })
  hostname!: string;

  @Column({ type: 'varchar', length: 64 })
  agentVersion!: string;

  @Column({ type: 'int' })
  maxTasks!: number;

  @Column({
    type: 'jsonb',
    default: [],
    comment: 'What the daemon says it runs: [{taskId, attempt}]',
  })
  runningTasks!: HeartbeatTask[];

  @Column({
    type: 'timestamptz',
    precision: 3,
    comment: 'Start of the daemon process, by its own clock',
  })
  startedAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  firstSeenAt!: Date;

  @Column({
    type: 'timestamptz',
    precision: 3,
    default: () => 'now()',
    comment: 'By the clock of this database; a daemon that is silent for too long counts as dead',
  })
  lastHeartbeatAt!: Date;

  @Column({
    type: 'timestamptz',
    precision: 3,
    default: () => 'now()',
    comment: 'First heartbeat of the process that sends them now, by the clock of this database',
  })
  processSince!: Date;

  @Column({
    type: 'jsonb',
    nullable: true,
    comment:
      'What the daemon says its spool holds, by task: [{taskId, count, oldestAgeSeconds}]; null: it does not tell',
  })
  unconfirmedCaptures!: UnconfirmedCaptures[] | null;
}
