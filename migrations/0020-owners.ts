import { ForwardOnlyMigration } from './forward-only.js';

/** Whose a task is, and tokens that open the tasks of one owner or pool alone. */
export class Owners1795370000020 extends ForwardOnlyMigration {
  readonly name = 'Owners1795370000020';

  protected readonly sql = `
    ALTER TABLE tasks ADD COLUMN owner VARCHAR(64);
    CREATE INDEX idx_tasks_owner ON tasks (owner, id) WHERE owner IS NOT NULL;
    COMMENT ON COLUMN tasks.owner IS 'Whose task it is, from the credentials that created it; null: nobody''s';

    ALTER TABLE api_tokens
      ADD COLUMN owner VARCHAR(64),
      ADD COLUMN pool VARCHAR(64),
      ADD CONSTRAINT api_token_admin_sees_all
        CHECK (NOT 'admin' = ANY (scopes) OR (owner IS NULL AND pool IS NULL));
    COMMENT ON COLUMN api_tokens.owner IS 'The token opens the tasks of this owner alone; null: of everybody';
    COMMENT ON COLUMN api_tokens.pool IS 'The token opens the tasks of this pool alone; null: of every pool';
  `;
}
