import { ForwardOnlyMigration } from './forward-only.js';

export class Setup1795370000015 extends ForwardOnlyMigration {
  readonly name = 'Setup1795370000015';

  protected readonly sql = `
    ALTER TABLE tasks ADD COLUMN setup VARCHAR(4096);
    COMMENT ON COLUMN tasks.setup IS
      'Command that runs before the agent; empty: none; null: the one that the repository names';
  `;
}
