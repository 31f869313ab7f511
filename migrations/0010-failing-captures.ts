import { ForwardOnlyMigration } from './forward-only.js';

export class FailingCaptures1795370000010 extends ForwardOnlyMigration {
  readonly name = 'FailingCaptures1795370000010';

  protected readonly sql = `
    ALTER TABLE tasks
      ADD COLUMN captures_failing_since TIMESTAMPTZ(3),
      ADD COLUMN captures_failing_reason VARCHAR(500),
      ADD CONSTRAINT task_captures_failing
        CHECK ((captures_failing_since IS NULL) = (captures_failing_reason IS NULL));
    COMMENT ON COLUMN tasks.captures_failing_since IS
      'No capture of the current attempt has worked since; null: the newest one did. Of an ended task: its last state is in no checkpoint';
    CREATE INDEX idx_tasks_captures_failing ON tasks (daemon_id) WHERE captures_failing_since IS NOT NULL;
  `;
}
