import { ForwardOnlyMigration } from './forward-only.js';

export class CheckpointsAndPatches1795370000002 extends ForwardOnlyMigration {
  readonly name = 'CheckpointsAndPatches1795370000002';

  protected readonly sql = `
    CREATE TABLE task_checkpoints (
      id                  UUID PRIMARY KEY DEFAULT gen_random_uuid(),
      task_id             UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
      event_id            UUID NOT NULL,
      content_sha256      BYTEA NOT NULL,
      daemon_id           VARCHAR(64) NOT NULL,
      attempt             INTEGER NOT NULL,
      sequence            INTEGER NOT NULL,
      number              INTEGER NOT NULL,
      kind                VARCHAR(16) NOT NULL,
      message             TEXT NOT NULL,
      commit_sha          VARCHAR(64),
      branch_name         VARCHAR(1024),
      tree_sha            VARCHAR(64) NOT NULL,
      base_reachable      BOOLEAN,
      files_changed       INTEGER,
      lines_added         INTEGER,
      lines_removed       INTEGER,
      omissions           JSONB NOT NULL DEFAULT '[]',
      omissions_count     INTEGER NOT NULL DEFAULT 0,
      patch_absent_reason VARCHAR(16),
      superseded          BOOLEAN NOT NULL DEFAULT false,
      captured_at         TIMESTAMPTZ(3) NOT NULL,
      created_at          TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      CONSTRAINT task_checkpoints_event_id_key UNIQUE (event_id),
      CONSTRAINT task_checkpoints_task_id_number_key UNIQUE (task_id, number)
    );

    CREATE TABLE checkpoint_patches (
      id                      UUID PRIMARY KEY DEFAULT gen_random_uuid(),
      task_id                 UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
      checkpoint_id           UUID REFERENCES task_checkpoints (id) ON DELETE CASCADE,
      format                  VARCHAR(32) NOT NULL DEFAULT 'git-diff',
      base_commit_sha         VARCHAR(64) NOT NULL,
      tree_sha                VARCHAR(64) NOT NULL,
      sha256                  BYTEA NOT NULL,
      patch_data              BYTEA NOT NULL,
      patch_size_bytes        INTEGER NOT NULL,
      uncompressed_size_bytes INTEGER NOT NULL,
      files_count             INTEGER NOT NULL,
      created_at              TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      expires_at              TIMESTAMPTZ(3) NOT NULL,
      CONSTRAINT patch_size_limit CHECK (patch_size_bytes <= 10485760),
      CONSTRAINT patch_size_exact CHECK (patch_size_bytes = octet_length(patch_data))
    );
    ALTER TABLE checkpoint_patches ALTER COLUMN patch_data SET STORAGE EXTERNAL;

    -- Checkpoint and patch name each other. Deferred, so that one transaction inserts both without an update.
    ALTER TABLE task_checkpoints ADD COLUMN patch_id UUID
      REFERENCES checkpoint_patches (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE task_checkpoints ADD COLUMN bundle_id UUID
      REFERENCES checkpoint_patches (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

    CREATE INDEX idx_task_checkpoints_latest ON task_checkpoints (task_id, attempt DESC, sequence DESC, number DESC);
    CREATE INDEX idx_task_checkpoints_patch ON task_checkpoints (patch_id);
    CREATE INDEX idx_task_checkpoints_bundle ON task_checkpoints (bundle_id);
    CREATE INDEX idx_checkpoint_patches_task ON checkpoint_patches (task_id);
    CREATE INDEX idx_checkpoint_patches_checkpoint ON checkpoint_patches (checkpoint_id);
    CREATE INDEX idx_checkpoint_patches_expires ON checkpoint_patches (expires_at);

    COMMENT ON TABLE task_checkpoints IS 'Recorded states of worktrees. The latest of a task has the highest (attempt, sequence)';
    COMMENT ON COLUMN task_checkpoints.event_id IS 'Of the CheckpointCreated: the same event is stored once';
    COMMENT ON COLUMN task_checkpoints.content_sha256 IS
      'Digest of what the event says, to tell a repetition from another event under the same id';
    COMMENT ON COLUMN task_checkpoints.sequence IS '1, 2, ... per attempt, counted by the daemon';
    COMMENT ON COLUMN task_checkpoints.number IS '1..n per task without gaps, in commit order';
    COMMENT ON COLUMN task_checkpoints.tree_sha IS 'Tree hash of everything captured: the identity of the state';
    COMMENT ON COLUMN task_checkpoints.base_reachable IS 'Whether the base commit was seen on the remote of the source';
    COMMENT ON COLUMN task_checkpoints.omissions IS 'Paths that the capture left out: [{path, reason}], not always all';
    COMMENT ON COLUMN task_checkpoints.patch_id IS
      'The readable diff. Null: there was none (see patch_absent_reason), or it expired';
    COMMENT ON COLUMN task_checkpoints.bundle_id IS 'The git bundle. Null: there was none, or it expired';
    COMMENT ON COLUMN task_checkpoints.superseded IS
      'Arrived when a newer attempt had begun: kept, but never what a resume picks';
    COMMENT ON COLUMN task_checkpoints.captured_at IS 'By the clock of the daemon, for people; nothing is decided by it';

    COMMENT ON TABLE checkpoint_patches IS
      'Compressed git diffs, and git bundles, for recovery of a task when its worktree is lost';
    COMMENT ON COLUMN checkpoint_patches.checkpoint_id IS 'Null: a patch that was stored by itself';
    COMMENT ON COLUMN checkpoint_patches.format IS 'git-diff (gzip-compressed) or git-bundle; a checkpoint may have one of each';
    COMMENT ON COLUMN checkpoint_patches.base_commit_sha IS 'The commit that the patch applies to';
    COMMENT ON COLUMN checkpoint_patches.tree_sha IS 'The tree that base and patch make together';
    COMMENT ON COLUMN checkpoint_patches.sha256 IS 'Of patch_data';
    COMMENT ON COLUMN checkpoint_patches.patch_data IS 'Compressed by its format; stored as is, because it does not compress again';
    COMMENT ON COLUMN checkpoint_patches.uncompressed_size_bytes IS 'Of a diff; a bundle counts as it is';
    COMMENT ON COLUMN checkpoint_patches.expires_at IS 'When it may be deleted (TTL), by the clock of this database';
  `;
}
