import { ForwardOnlyMigration } from './forward-only.js';

export class Outbox1795370000003 extends ForwardOnlyMigration {
  readonly name = 'Outbox1795370000003';

  protected readonly sql = `
    CREATE TABLE outbox (
      id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      task_id    UUID,
      subject    TEXT NOT NULL,
      message_id VARCHAR(255) NOT NULL,
      headers    JSONB NOT NULL DEFAULT '{}',
      payload    JSON NOT NULL,
      created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
    );
    CREATE INDEX idx_outbox_task ON outbox (task_id, id);

    -- Rows live for milliseconds: vacuum by count, not by share of a table that is empty most of the time.
    ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

    COMMENT ON TABLE outbox IS 'Messages to publish because their transaction committed; deleted when NATS has them';
    COMMENT ON COLUMN outbox.task_id IS 'Messages of one task go out in the order of their ids; null: in any order';
    COMMENT ON COLUMN outbox.message_id IS 'Nats-Msg-Id: publishing the row again is swallowed by the stream';
    COMMENT ON COLUMN outbox.payload IS 'JSON, not JSONB: published byte for byte as it was written';
  `;
}
