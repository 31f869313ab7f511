import { ForwardOnlyMigration } from './forward-only.js';

/** What checkpoints hold that looks like a secret. */
export class Secrets1795370000018 extends ForwardOnlyMigration {
  readonly name = 'Secrets1795370000018';

  protected readonly sql = `
    ALTER TABLE task_checkpoints ADD COLUMN secrets JSONB NOT NULL DEFAULT '[]';
    COMMENT ON COLUMN task_checkpoints.secrets IS
      'Files in it that look like secrets: [{path, rule}], not always all; never what was found';
  `;
}
