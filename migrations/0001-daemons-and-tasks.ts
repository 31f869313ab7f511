import { ForwardOnlyMigration } from './forward-only.js';

export class DaemonsAndTasks1795370000001 extends ForwardOnlyMigration {
  readonly name = 'DaemonsAndTasks1795370000001';

  protected readonly sql = `
    CREATE TABLE daemons (
      id                VARCHAR(64) PRIMARY KEY,
      pool              VARCHAR(64) NOT NULL,
      hostname          VARCHAR(255) NOT NULL,
      agent_version     VARCHAR(64) NOT NULL,
      max_tasks         INTEGER NOT NULL,
      running_tasks     JSONB NOT NULL DEFAULT '[]',
      started_at        TIMESTAMPTZ(3) NOT NULL,
      first_seen_at     TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      last_heartbeat_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE daemons IS 'Daemons as their heartbeats describe them';
    COMMENT ON COLUMN daemons.running_tasks IS 'What the daemon says it runs: [{taskId, attempt}]';
    COMMENT ON COLUMN daemons.started_at IS 'Start of the daemon process, by its own clock';
    COMMENT ON COLUMN daemons.last_heartbeat_at IS
      'By the clock of this database; a daemon that is silent for too long counts as dead';

    CREATE TABLE tasks (
      id                     UUID PRIMARY KEY DEFAULT gen_random_uuid(),
      name                   VARCHAR(200) NOT NULL,
      plan                   TEXT NOT NULL,
      runner                 VARCHAR(64) NOT NULL,
      repo_url               VARCHAR(4096) NOT NULL,
      base_branch            VARCHAR(1024),
      target_branch          VARCHAR(1024),
      is_supervisor          BOOLEAN NOT NULL DEFAULT false,
      pool                   VARCHAR(64) NOT NULL,
      requested_daemon_id    VARCHAR(64),
      daemon_id              VARCHAR(64),
      state                  VARCHAR(16) NOT NULL DEFAULT 'spawning',
      attempt                INTEGER NOT NULL DEFAULT 1,
      last_checkpoint_number INTEGER NOT NULL DEFAULT 0,
      conversation_history   JSONB,
      auto_resume            BOOLEAN NOT NULL DEFAULT true,
      exit_code              INTEGER,
      state_reason           TEXT,
      worktree_path          VARCHAR(4096),
      created_at             TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      updated_at             TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      spawned_at             TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      started_at             TIMESTAMPTZ(3),
      ended_at               TIMESTAMPTZ(3),
      CONSTRAINT task_state CHECK (state IN ('spawning', 'running', 'completed', 'failed', 'stopped', 'lost')),
      CONSTRAINT task_attempt CHECK (attempt >= 1)
    );
    CREATE INDEX idx_tasks_daemon ON tasks (daemon_id);
    CREATE INDEX idx_tasks_state ON tasks (state);
    COMMENT ON TABLE tasks IS 'Units of agent work, each with a worktree of its own';
    COMMENT ON COLUMN tasks.requested_daemon_id IS 'The daemon that shall run the task; null: any of the pool';
    COMMENT ON COLUMN tasks.daemon_id IS 'The daemon that claimed the current attempt; null until one did';
    COMMENT ON COLUMN tasks.attempt IS 'Raised by every spawn; what comes from an older attempt is superseded';
    COMMENT ON COLUMN tasks.last_checkpoint_number IS
      'Counter of task_checkpoints.number: no gaps, in commit order, because this row is locked for it';
    COMMENT ON COLUMN tasks.state_reason IS 'Why the task failed, was stopped or was lost';
    COMMENT ON COLUMN tasks.spawned_at IS 'When the current attempt was sent out';
  `;
}
