import { ForwardOnlyMigration } from './forward-only.js';

/** Permissions of files and folders, which a tree does not hold; as the message has them. */
export class Modes1795370000011 extends ForwardOnlyMigration {
  readonly name = 'Modes1795370000011';

  protected readonly sql = `
    ALTER TABLE task_checkpoints ADD COLUMN modes JSONB;
    COMMENT ON COLUMN task_checkpoints.modes IS
      'Permissions beside the tree. Null: as a checkout makes them, or nobody looked';
  `;
}
