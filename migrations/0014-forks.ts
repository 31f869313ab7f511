import { ForwardOnlyMigration } from './forward-only.js';

/** Tasks that were made from a checkpoint of another task. */
export class Forks1795370000014 extends ForwardOnlyMigration {
  readonly name = 'Forks1795370000014';

  protected readonly sql = `
    ALTER TABLE tasks
      ADD COLUMN forked_from_task_id UUID,
      ADD COLUMN forked_from_checkpoint_number INTEGER,
      ADD CONSTRAINT task_forked_from
        CHECK ((forked_from_task_id IS NULL) = (forked_from_checkpoint_number IS NULL));
    CREATE INDEX idx_tasks_forked_from ON tasks (forked_from_task_id) WHERE forked_from_task_id IS NOT NULL;
    COMMENT ON COLUMN tasks.forked_from_task_id IS
      'The task that this one is a fork of, which need not exist any more; null: it is none';
    COMMENT ON COLUMN tasks.forked_from_checkpoint_number IS
      'Of that task: this one has a copy of it, as its checkpoint 1 of attempt 0';
  `;
}
