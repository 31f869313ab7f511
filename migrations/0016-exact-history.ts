import { ForwardOnlyMigration } from './forward-only.js';

/**
 * JSON keeps a text as it came, JSONB does not. Older apps that still run read and write both alike, which
 * they would not do with TEXT.
 */
export class ExactHistory1795370000016 extends ForwardOnlyMigration {
  readonly name = 'ExactHistory1795370000016';

  protected readonly sql = `
    ALTER TABLE tasks ALTER COLUMN conversation_history TYPE JSON USING conversation_history::text::json;
    COMMENT ON COLUMN tasks.conversation_history IS
      'JSON, not JSONB: given to the agent byte for byte as it came';
  `;
}
