import { ForwardOnlyMigration } from './forward-only.js';

export class ReleasedTasks1795370000005 extends ForwardOnlyMigration {
  readonly name = 'ReleasedTasks1795370000005';

  protected readonly sql = `
    ALTER TABLE tasks
      DROP CONSTRAINT task_state,
      ADD CONSTRAINT task_state
        CHECK (state IN ('spawning', 'running', 'completed', 'failed', 'stopped', 'released', 'lost'));
  `;
}
