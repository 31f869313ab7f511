import type { TaskState, Unattended } from '#contracts';
import { Check, Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

@Entity({ name: 'tasks', comment: 'Units of agent work, each with a worktree of its own' })
@Check('task_state', `state IN ('spawning', 'running', 'completed', 'failed', 'stopped', 'released', 'lost')`)
@Check('task_attempt', 'attempt >= 1')
@Check('task_unattended', `unattended IN ('ask-nothing', 'worktree', 'full')`)
@Check('task_captures_failing', '(captures_failing_since IS NULL) = (captures_failing_reason IS NULL)')
@Check('task_forked_from', '(forked_from_task_id IS NULL) = (forked_from_checkpoint_number IS NULL)')
@Index('idx_tasks_owner', ['owner', 'id'], { where: 'owner IS NOT NULL' })
@Index('idx_tasks_captures_failing', ['daemonId'], { where: 'captures_failing_since IS NOT NULL' })
export class Task {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  @Column({ type: 'text' })
  plan!: string;

  @Column({ type: 'varchar', length: 64 })
  runner!: string;

  @Column({
    type: 'varchar',
    length: 16,
    nullable: true,
    comment: 'How far the agent may act while nobody watches. Null: as far as its daemon lets every task',
  })
  unattended!: Unattended | null;

  @Column({ type: 'varchar', length: 4096 })
  repoUrl!: string;

  @Column({ type: 'varchar', length: 1024, nullable: true })
  baseBranch!: string | null;

  @Column({ type: 'varchar', length: 1024, nullable: true })
  targetBranch!: string | null;

  @Column({
    type: 'varchar',
    length: 4096,
    nullable: true,
    comment: 'Command that runs before the agent; empty: none; null: the one that the repository names',
  })
  setup!: string | null;

  @Column({ type: 'boolean', default: false })
  isSupervisor!: boolean;

  @Column({
    type: 'varchar',
    length: 64,
    nullable: true,
    comment: "Whose task it is, from the credentials that created it; null: nobody's",
  })
  owner!: string | null;

  @Column({ type: 'varchar', length: 64 })
  pool!: string;

  @Column({
    type: 'varchar',
    length: 64,
    nullable: true,
    comment: 'The daemon that shall run the task; null: any of the pool',
  })
  requestedDaemonId!: string | null;

  @Index('idx_tasks_daemon')
  @Column({
    type: 'varchar',
    length: 64,
    nullable: true,
    comment: 'The daemon that claimed the current attempt; null until one did',
  })
  daemonId!: string | null;

  @Index('idx_tasks_state')
  @Column({ type: 'varchar', length: 16, default: 'spawning' })
  state!: TaskState;

  @Column({
    type: 'int',
    default: 1,
    comment: 'Raised by every spawn; what comes from an older attempt is superseded',
  })
  attempt!: number;

  @Column({
    type: 'int',
    default: 0,
    comment:
      'Counter of task_checkpoints.number: no gaps, in commit order, because this row is locked for it',
  })
  lastCheckpointNumber!: number;

  /** The text of a JSON value. */
  @Column({
    type: 'json',
    nullable: true,
    comment: 'JSON, not JSONB: given to the agent byte for byte as it came',
  })
  conversationHistory!: string | null;

  @Column({ type: 'boolean', default: true })
  autoResume!: boolean;

  @Column({ type: 'int', nullable: true })
  exitCode!: number | null;

  @Column({ type: 'text', nullable: true, comment: 'Why the task failed, was stopped or was lost' })
  stateReason!: string | null;

  @Column({ type: 'varchar', length: 4096, nullable: true })
  worktreePath!: string | null;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  updatedAt!: Date;

  @Column({
    type: 'timestamptz',
    precision: 3,
    default: () => 'now()',
    comment: 'When the current attempt was sent out',
  })
  spawnedAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  endedAt!: Date | null;

  @Column({
    type: 'timestamptz',
    precision: 3,
    nullable: true,
    comment:
      'No capture of the current attempt has worked since; null: the newest one did. Of an ended task: its last state is in no checkpoint',
  })
  capturesFailingSince!: Date | null;

  @Column({ type: 'varchar', length: 500, nullable: true })
  capturesFailingReason!: string | null;

  @Index('idx_tasks_resume', { where: 'resume_at IS NOT NULL' })
  @Column({
    type: 'timestamptz',
    precision: 3,
    nullable: true,
    comment:
      'When it is next decided whether a lost or released task is resumed by itself; null: not any more, or not now',
  })
  resumeAt!: Date | null;

  @Index('idx_tasks_forked_from', { where: 'forked_from_task_id IS NOT NULL' })
  @Column({
    type: 'uuid',
    nullable: true,
    comment: 'The task that this one is a fork of, which need not exist any more; null: it is none',
  })
  forkedFromTaskId!: string | null;

  @Column({
    type: 'int',
    nullable: true,
    comment: 'Of that task: this one has a copy of it, as its checkpoint 1 of attempt 0',
  })
  forkedFromCheckpointNumber!: number | null;
}
