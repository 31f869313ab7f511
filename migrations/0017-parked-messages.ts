import { ForwardOnlyMigration } from './forward-only.js';

/** Messages that wait aside, and bounds of dead letters. */
export class ParkedMessages1795370000017 extends ForwardOnlyMigration {
  readonly name = 'ParkedMessages1795370000017';

  protected readonly sql = `
    CREATE TABLE parked_messages (
      id             UUID PRIMARY KEY,
      consumer       VARCHAR(255) NOT NULL,
      daemon_id      VARCHAR(64) NOT NULL,
      subject        TEXT NOT NULL,
      headers        JSONB NOT NULL DEFAULT '{}',
      payload        BYTEA NOT NULL,
      size_bytes     INTEGER NOT NULL,
      message_sha256 BYTEA NOT NULL,
      reason         TEXT NOT NULL,
      tries          INTEGER NOT NULL DEFAULT 0,
      sent_at        TIMESTAMPTZ(3) NOT NULL,
      created_at     TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      due_at         TIMESTAMPTZ(3) NOT NULL,
      CONSTRAINT parked_messages_consumer_message_sha256_key UNIQUE (consumer, message_sha256)
    );
    ALTER TABLE parked_messages ALTER COLUMN payload SET STORAGE EXTERNAL;
    CREATE INDEX idx_parked_messages_due ON parked_messages (consumer, due_at);
    CREATE INDEX idx_parked_messages_daemon ON parked_messages (consumer, daemon_id, due_at, size_bytes);

    COMMENT ON TABLE parked_messages IS
      'Messages that were taken out of their stream and wait: for bytes, for an earlier message, for their daemon''s turn';
    COMMENT ON COLUMN parked_messages.consumer IS 'Durable consumer that set it aside, and takes it up again';
    COMMENT ON COLUMN parked_messages.daemon_id IS 'Its sender, by its subject; _: it names none';
    COMMENT ON COLUMN parked_messages.size_bytes IS 'Of payload';
    COMMENT ON COLUMN parked_messages.message_sha256 IS
      'Of subject and payload: the same message sent again is the same parked one';
    COMMENT ON COLUMN parked_messages.reason IS 'What it waits for';
    COMMENT ON COLUMN parked_messages.tries IS 'How often it was taken up again';
    COMMENT ON COLUMN parked_messages.sent_at IS 'When its stream took it, by the clock of NATS';
    COMMENT ON COLUMN parked_messages.due_at IS
      'When it is taken up again; while a process handles it: when another one may';

    ALTER TABLE dead_letters ADD COLUMN payload_size_bytes INTEGER;
    UPDATE dead_letters SET payload_size_bytes = octet_length(payload);
    COMMENT ON COLUMN dead_letters.payload_size_bytes IS
      'As it came: more than payload has when that is cut. Null: kept whole by an older version';
    COMMENT ON COLUMN dead_letters.payload_sha256 IS
      'Of the payload as it came: the same message refused again is the same dead letter';
    CREATE INDEX idx_dead_letters_daemon ON dead_letters (daemon_id, id);
  `;
}
