import { ForwardOnlyMigration } from './forward-only.js';

export class TaskAttempts1795370000006 extends ForwardOnlyMigration {
  readonly name = 'TaskAttempts1795370000006';

  protected readonly sql = `
    CREATE TABLE task_attempts (
      task_id    UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
      attempt    INTEGER NOT NULL,
      cause      VARCHAR(16) NOT NULL,
      daemon_id  VARCHAR(64),
      spawned_at TIMESTAMPTZ(3) NOT NULL,
      claimed_at TIMESTAMPTZ(3),
      started_at TIMESTAMPTZ(3),
      ended_at   TIMESTAMPTZ(3),
      outcome    VARCHAR(16),
      PRIMARY KEY (task_id, attempt),
      CONSTRAINT task_attempt_cause CHECK (cause IN ('request', 'resume', 'respawn')),
      CONSTRAINT task_attempt_outcome
        CHECK (outcome IN ('completed', 'failed', 'stopped', 'released', 'lost', 'superseded'))
    );
    COMMENT ON TABLE task_attempts IS 'Every spawn of every task: why, who held it, how it ended';
    COMMENT ON COLUMN task_attempts.cause IS
      'request: somebody asked. resume: the one before was lost or released. respawn: nobody took the one before';
    COMMENT ON COLUMN task_attempts.daemon_id IS
      'The daemon that claimed it: the only one whose checkpoints are taken for it, however late. Null until one did';
    COMMENT ON COLUMN task_attempts.outcome IS
      'Null while it goes on. superseded: a newer attempt began before its end was known';

    INSERT INTO task_attempts (task_id, attempt, cause, daemon_id, spawned_at, claimed_at, started_at, ended_at, outcome)
    SELECT id, attempt, 'request', daemon_id, spawned_at,
           CASE WHEN daemon_id IS NOT NULL THEN COALESCE(started_at, spawned_at) END, started_at, ended_at,
           CASE WHEN state NOT IN ('spawning', 'running') THEN state END
      FROM tasks;
    INSERT INTO task_attempts (task_id, attempt, cause, daemon_id, spawned_at, claimed_at, ended_at, outcome)
    SELECT DISTINCT ON (c.task_id, c.attempt)
           c.task_id, c.attempt, 'request', c.daemon_id, c.created_at, c.created_at, c.created_at, 'superseded'
      FROM task_checkpoints c
     ORDER BY c.task_id, c.attempt, c.number
        ON CONFLICT DO NOTHING;

    ALTER TABLE tasks ADD COLUMN resume_at TIMESTAMPTZ(3);
    CREATE INDEX idx_tasks_resume ON tasks (resume_at) WHERE resume_at IS NOT NULL;
    UPDATE tasks SET resume_at = now() WHERE state IN ('released', 'lost');
    COMMENT ON COLUMN tasks.resume_at IS
      'When it is next decided whether a lost or released task is resumed by itself; null: not any more, or not now';

    CREATE TABLE heartbeat_listener (
      id              BOOLEAN PRIMARY KEY DEFAULT true,
      listening_since TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      last_seen_at    TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      CONSTRAINT heartbeat_listener_one_row CHECK (id)
    );
    COMMENT ON TABLE heartbeat_listener IS
      'Since when the heartbeats of daemons have been listened to without a gap: silence that nobody could have broken proves nothing';

    COMMENT ON COLUMN dead_letters.replayed_at IS
      'When it was last sent to its subject again; null once it was refused again';
  `;
}
