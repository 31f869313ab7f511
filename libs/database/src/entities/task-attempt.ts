import type { TaskState } from '#contracts';
import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Task } from './task.js';

/** Why an attempt was spawned. */
export type SpawnCause = 'request' | 'resume' | 'respawn';

export type AttemptOutcome = Exclude<TaskState, 'spawning' | 'running'> | 'superseded';

@Entity({ name: 'task_attempts', comment: 'Every spawn of every task: why, who held it, how it ended' })
@Check('task_attempt_cause', `cause IN ('request', 'resume', 'respawn')`)
@Check(
  'task_attempt_outcome',
  `outcome IN ('completed', 'failed', 'stopped', 'released', 'lost', 'superseded')`,
)
export class TaskAttempt {
  @PrimaryColumn({ type: 'uuid' })
  taskId!: string;

  @ManyToOne(() => Task, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'task_id' })
  task?: Task;

  @PrimaryColumn({ type: 'int' })
  attempt!: number;

  @Column({
    type: 'varchar',
    length: 16,
    comment:
      'request: somebody asked. resume: the one before was lost or released. respawn: nobody took the one before',
  })
  cause!: SpawnCause;

  @Column({
    type: 'varchar',
    length: 64,
    nullable: true,
    comment:
      'The daemon that claimed it: the only one whose checkpoints are taken for it, however late. Null until one did',
  })
  daemonId!: string | null;

  @Column({ type: 'timestamptz', precision: 3 })
  spawnedAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  claimedAt!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  endedAt!: Date | null;

  @Column({
    type: 'varchar',
    length: 16,
    nullable: true,
    comment: 'Null while it goes on. superseded: a newer attempt began before its end was known',
  })
  outcome!: AttemptOutcome | null;
}
