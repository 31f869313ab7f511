import type { PatchFormat } from '#contracts';
import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { hex } from './hex.js';
import { Task } from './task.js';

@Entity({
  name: 'checkpoint_patches',
  comment: 'Compressed git diffs, and git bundles, for recovery of a task when its worktree is lost',
})
@Check('patch_size_limit', 'patch_size_bytes <= 10485760')
@Check('patch_size_exact', 'patch_size_bytes = octet_length(patch_data)')
export class CheckpointPatch {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Index('idx_checkpoint_patches_task')
  @ForeignKey(() => Task, { onDelete: 'CASCADE' })
  @Column({ type: 'uuid' })
  taskId!: string;

  // By name: the two entities refer to each other, their files must not.
  @Index('idx_checkpoint_patches_checkpoint')
  @ForeignKey('TaskCheckpoint', { onDelete: 'CASCADE' })
  @Column({ type: 'uuid', nullable: true, comment: 'Null: a patch that was stored by itself' })
  checkpointId!: string | null;

  @Column({
    type: 'varchar',
    length: 32,
    default: 'git-diff',
    comment: 'git-diff (gzip-compressed) or git-bundle; a checkpoint may have one of each',
  })
  format!: PatchFormat;

  @Column({ type: 'varchar', length: 64, comment: 'The commit that the patch applies to' })
  baseCommitSha!: string;

  @Column({ type: 'varchar', length: 64, comment: 'The tree that base and patch make together' })
  treeSha!: string;

  @Column({ type: 'bytea', transformer: hex, comment: 'Of patch_data before its encryption' })
  sha256!: string;

  /** Up to 10 MiB: not among the columns that a find reads. */
  @Column({
    type: 'bytea',
    select: false,
    comment: 'Compressed by its format; stored as is, because it does not compress again',
  })
  patchData!: Buffer;

  @Column({
    type: 'bytea',
    nullable: true,
    select: false,
    comment: 'Nonce and tag of the encryption, by the key in task_keys. Null: not encrypted',
  })
  seal!: Buffer | null;

  @Column({ type: 'int' })
  patchSizeBytes!: number;

  @Column({ type: 'int', comment: 'Of a diff; a bundle counts as it is' })
  uncompressedSizeBytes!: number;

  @Column({ type: 'int' })
  filesCount!: number;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Index('idx_checkpoint_patches_expires')
  @Column({
    type: 'timestamptz',
    precision: 3,
    comment: 'When it may be deleted (TTL), by the clock of this database',
  })
  expiresAt!: Date;
}
