import { ForwardOnlyMigration } from './forward-only.js';

export class IdempotencyKeys1795370000007 extends ForwardOnlyMigration {
  readonly name = 'IdempotencyKeys1795370000007';

  protected readonly sql = `
    CREATE TABLE idempotency_keys (
      key            VARCHAR(255) PRIMARY KEY,
      request_sha256 BYTEA NOT NULL,
      holder         UUID NOT NULL,
      held_until     TIMESTAMPTZ(3) NOT NULL,
      status         INTEGER,
      body           JSON,
      location       TEXT,
      expires_at     TIMESTAMPTZ(3) NOT NULL
    );
    COMMENT ON TABLE idempotency_keys IS
      'Keys that clients gave their POST requests over HTTP, with the answers to send again';
    COMMENT ON COLUMN idempotency_keys.request_sha256 IS 'Of path and body: the same key with another request is refused';
    COMMENT ON COLUMN idempotency_keys.holder IS 'The run of the request that may set or give up this row';
    COMMENT ON COLUMN idempotency_keys.held_until IS
      'Without an answer by then, its process has died, and the same request may run again';
    COMMENT ON COLUMN idempotency_keys.status IS 'Of the answer; null while there is none';
    COMMENT ON COLUMN idempotency_keys.body IS 'As it was sent, with its order of fields; null: the answer was empty';

    CREATE INDEX idx_idempotency_keys_expiry ON idempotency_keys (expires_at);
  `;
}
