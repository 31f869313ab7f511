import { ForwardOnlyMigration } from './forward-only.js';

export class Unattended1795370000013 extends ForwardOnlyMigration {
  readonly name = 'Unattended1795370000013';

  protected readonly sql = `
    ALTER TABLE tasks
      ADD COLUMN unattended VARCHAR(16),
      ADD CONSTRAINT task_unattended CHECK (unattended IN ('ask-nothing', 'worktree', 'full'));
    COMMENT ON COLUMN tasks.unattended IS
      'How far the agent may act while nobody watches. Null: as far as its daemon lets every task';
  `;
}
