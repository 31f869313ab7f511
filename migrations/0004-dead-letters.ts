import { ForwardOnlyMigration } from './forward-only.js';

export class DeadLetters1795370000004 extends ForwardOnlyMigration {
  readonly name = 'DeadLetters1795370000004';

  protected readonly sql = `
    CREATE TABLE dead_letters (
      id              UUID PRIMARY KEY DEFAULT gen_random_uuid(),
      consumer        VARCHAR(255) NOT NULL,
      subject         TEXT NOT NULL,
      code            VARCHAR(64) NOT NULL,
      path            TEXT,
      reason          TEXT NOT NULL,
      payload         BYTEA NOT NULL,
      payload_sha256  BYTEA NOT NULL,
      headers         JSONB NOT NULL DEFAULT '{}',
      daemon_id       VARCHAR(64),
      task_id         UUID,
      event_id        UUID,
      delivered_count INTEGER NOT NULL,
      created_at      TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      replayed_at     TIMESTAMPTZ(3),
      CONSTRAINT dead_letters_consumer_subject_payload_sha256_key UNIQUE (consumer, subject, payload_sha256)
    );
    CREATE INDEX idx_dead_letters_created ON dead_letters (created_at);
    CREATE INDEX idx_dead_letters_task ON dead_letters (task_id);

    COMMENT ON TABLE dead_letters IS 'Messages that can never succeed as they are, whole, with the reason';
    COMMENT ON COLUMN dead_letters.consumer IS 'Durable consumer that refused it; it reads one stream';
    COMMENT ON COLUMN dead_letters.code IS 'One of the documented error codes';
    COMMENT ON COLUMN dead_letters.path IS 'The field at fault, where one is';
    COMMENT ON COLUMN dead_letters.payload_sha256 IS 'The same message refused again is the same dead letter';
    COMMENT ON COLUMN dead_letters.daemon_id IS 'As far as it could be read, like task_id and event_id';
    COMMENT ON COLUMN dead_letters.replayed_at IS 'When it was last sent to its subject again';
  `;
}
