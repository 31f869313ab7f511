import type {
  CheckpointKind,
  Conversation,
  FoundSecret,
  Modes,
  Omission,
  PatchAbsentReason,
} from '#contracts';
import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { CheckpointPatch } from './checkpoint-patch.js';
import { hex } from './hex.js';
import { Task } from './task.js';

@Entity({
  name: 'task_checkpoints',
  comment: 'Recorded states of worktrees. The latest of a task has the highest (attempt, sequence)',
})
@Unique(['eventId'])
@Unique(['taskId', 'number'])
@Index('idx_task_checkpoints_latest', ['taskId', 'attempt', 'sequence', 'number'])
export class TaskCheckpoint {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @ForeignKey(() => Task, { onDelete: 'CASCADE' })
  @Column({ type: 'uuid' })
  taskId!: string;

  @Column({ type: 'uuid', comment: 'Of the CheckpointCreated: the same event is stored once' })
  eventId!: string;

  @Column({
    type: 'bytea',
    transformer: hex,
    comment: 'Digest of what the event says, to tell a repetition from another event under the same id',
  })
  contentSha256!: string;

  @Column({ type: 'varchar', length: 64 })
  daemonId!: string;

  @Column({ type: 'int' })
  attempt!: number;

  @Column({ type: 'int', comment: '1, 2, ... per attempt, counted by the daemon' })
  sequence!: number;

  @Column({ type: 'int', comment: '1..n per task without gaps, in commit order' })
  number!: number;

  @Column({ type: 'varchar', length: 16 })
  kind!: CheckpointKind;

  @Column({ type: 'text' })
  message!: string;

  @Column({ type: 'varchar', length: 64, nullable: true })
  commitSha!: string | null;

  @Column({ type: 'varchar', length: 1024, nullable: true })
  branchName!: string | null;

  @Column({
    type: 'varchar',
    length: 64,
    comment: 'Tree hash of everything captured: the identity of the state',
  })
  treeSha!: string;

  @Column({
    type: 'jsonb',
    nullable: true,
    comment: 'Permissions beside the tree. Null: as a checkout makes them, or nobody looked',
  })
  modes!: Modes | null;

  @Column({
    type: 'boolean',
    nullable: true,
    comment: 'Whether the base commit was seen on the remote of the source',
  })
  baseReachable!: boolean | null;

  @Column({ type: 'int', nullable: true })
  filesChanged!: number | null;

  @Column({ type: 'int', nullable: true })
  linesAdded!: number | null;

  @Column({ type: 'int', nullable: true })
  linesRemoved!: number | null;

  @Column({
    type: 'jsonb',
    default: [],
    comment: 'Paths that the capture left out: [{path, reason}], not always all',
  })
  omissions!: Omission[];

  @Column({ type: 'int', default: 0 })
  omissionsCount!: number;

  @Column({
    type: 'jsonb',
    default: [],
    comment: 'Files in it that look like secrets: [{path, rule}], not always all; never what was found',
  })
  secrets!: FoundSecret[];

  @Index('idx_task_checkpoints_patch')
  @ForeignKey(() => CheckpointPatch, { onDelete: 'SET NULL', deferrable: 'INITIALLY DEFERRED' })
  @Column({
    type: 'uuid',
    nullable: true,
    comment: 'The readable diff. Null: there was none (see patch_absent_reason), or it expired',
  })
  patchId!: string | null;

  @Index('idx_task_checkpoints_bundle')
  @ForeignKey(() => CheckpointPatch, { onDelete: 'SET NULL', deferrable: 'INITIALLY DEFERRED' })
  @Column({ type: 'uuid', nullable: true, comment: 'The git bundle. Null: there was none, or it expired' })
  bundleId!: string | null;

  @Column({ type: 'varchar', length: 16, nullable: true })
  patchAbsentReason!: PatchAbsentReason | null;

  @Column({
    type: 'jsonb',
    nullable: true,
    comment:
      'What the agent had recorded of its conversation: its files, by length and digest. Null: none. The bytes are in conversation_parts',
  })
  conversation!: Conversation | null;

  @Column({
    type: 'boolean',
    default: false,
    comment: 'Arrived when a newer attempt had begun: kept, but never what a resume picks',
  })
  superseded!: boolean;

  @Column({
    type: 'timestamptz',
    precision: 3,
    comment: 'By the clock of the daemon, for people; nothing is decided by it',
  })
  capturedAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
