import { ForwardOnlyMigration } from './forward-only.js';

/** What checkpoints hold that looks like a secret, and the encryption of patches and conversations. */
export class Secrets1795370000018 extends ForwardOnlyMigration {
  readonly name = 'Secrets1795370000018';

  protected readonly sql = `
    ALTER TABLE task_checkpoints ADD COLUMN secrets JSONB NOT NULL DEFAULT '[]';
    COMMENT ON COLUMN task_checkpoints.secrets IS
      'Files in it that look like secrets: [{path, rule}], not always all; never what was found';

    CREATE TABLE task_keys (
      task_id     UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
      key_id      VARCHAR(64) NOT NULL,
      wrapped_key BYTEA NOT NULL,
      created_at  TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      CONSTRAINT task_keys_pkey PRIMARY KEY (task_id)
    );
    COMMENT ON TABLE task_keys IS
      'Keys that patches and conversations are encrypted by. Deleting one deletes the work of its task';
    COMMENT ON COLUMN task_keys.key_id IS 'Of the key that wraps it, which is not in the database';
    COMMENT ON COLUMN task_keys.wrapped_key IS 'Nonce, tag and 32 bytes, by AES-256-GCM';

    COMMENT ON COLUMN checkpoint_patches.sha256 IS 'Of patch_data before its encryption';
    ALTER TABLE checkpoint_patches ADD COLUMN seal BYTEA;
    COMMENT ON COLUMN checkpoint_patches.seal IS
      'Nonce and tag of the encryption, by the key in task_keys. Null: not encrypted';
    ALTER TABLE conversation_parts ADD COLUMN seal BYTEA;
    COMMENT ON COLUMN conversation_parts.seal IS
      'Nonce and tag of the encryption, by the key in task_keys. Null: not encrypted';
  `;
}
