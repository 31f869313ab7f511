import { ForwardOnlyMigration } from './forward-only.js';

export class Conversations1795370000012 extends ForwardOnlyMigration {
  readonly name = 'Conversations1795370000012';

  protected readonly sql = `
    ALTER TABLE task_checkpoints ADD COLUMN conversation JSONB;
    COMMENT ON COLUMN task_checkpoints.conversation IS
      'What the agent had recorded of its conversation: its files, by length and digest. Null: none. The bytes are in conversation_parts';

    CREATE TABLE conversation_parts (
      task_id    UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
      attempt    INTEGER NOT NULL,
      path       VARCHAR(1024) NOT NULL,
      generation INTEGER NOT NULL,
      start_byte INTEGER NOT NULL,
      data       BYTEA NOT NULL,
      created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      CONSTRAINT conversation_parts_pkey PRIMARY KEY (task_id, attempt, path, generation, start_byte)
    );

    COMMENT ON TABLE conversation_parts IS
      'What agents wrote of their conversations. The files of an attempt grow: each part begins where an earlier checkpoint ended';
    COMMENT ON COLUMN conversation_parts.path IS 'As the conversation of a checkpoint of that attempt names it';
    COMMENT ON COLUMN conversation_parts.generation IS 'Raised when the file was rewritten instead of appended to';
    COMMENT ON COLUMN conversation_parts.start_byte IS 'Where in the file it begins';
  `;
}
