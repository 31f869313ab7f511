import { ForwardOnlyMigration } from './forward-only.js';

/** Tokens for the HTTP API, each with what it allows. */
export class ApiTokens1795370000019 extends ForwardOnlyMigration {
  readonly name = 'ApiTokens1795370000019';

  protected readonly sql = `
    CREATE TABLE api_tokens (
      id           UUID PRIMARY KEY,
      name         VARCHAR(64) NOT NULL,
      token_sha256 BYTEA NOT NULL,
      scopes       TEXT[] NOT NULL,
      created_at   TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
      revoked_at   TIMESTAMPTZ(3),
      CONSTRAINT api_token_scopes
        CHECK (scopes <@ ARRAY['read', 'content', 'operate', 'admin'] AND cardinality(scopes) > 0)
    );
    CREATE UNIQUE INDEX idx_api_tokens_sha256 ON api_tokens (token_sha256);
    COMMENT ON TABLE api_tokens IS 'Tokens for the HTTP API. They are not in here: only their digests are';
    COMMENT ON COLUMN api_tokens.token_sha256 IS
      'Of 32 random bytes, which nobody finds by trying: a slow hash would only slow down every request';
    COMMENT ON COLUMN api_tokens.revoked_at IS 'Since then the token opens nothing; null: it is valid';
  `;
}
