import { ForwardOnlyMigration } from './forward-only.js';

export class UnconfirmedCaptures1795370000009 extends ForwardOnlyMigration {
  readonly name = 'UnconfirmedCaptures1795370000009';

  protected readonly sql = `
    ALTER TABLE daemons ADD COLUMN unconfirmed_captures JSONB;
    COMMENT ON COLUMN daemons.unconfirmed_captures IS
      'What the daemon says its spool holds, by task: [{taskId, count, oldestAgeSeconds}]; null: it does not tell';
  `;
}
