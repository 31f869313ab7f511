import type { Scope } from '#contracts';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { hex } from './hex.js';

@Entity({
  name: 'api_tokens',
  comment: 'Tokens for the HTTP API. They are not in here: only their digests are',
})
@Check(
  'api_token_scopes',
  `scopes <@ ARRAY['read', 'content', 'operate', 'admin'] AND cardinality(scopes) > 0`,
)
@Check('api_token_admin_sees_all', `NOT 'admin' = ANY (scopes) OR (owner IS NULL AND pool IS NULL)`)
export class ApiToken {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'varchar', length: 64 })
  name!: string;

  @Index('idx_api_tokens_sha256', { unique: true })
  @Column({
    type: 'bytea',
    transformer: hex,
    comment:
      'Of 32 random bytes, which nobody finds by trying: a slow hash would only slow down every request',
  })
  tokenSha256!: string;

  @Column({ type: 'text', array: true })
  scopes!: Scope[];

  @Column({
    type: 'varchar',
    length: 64,
    nullable: true,
    comment: 'The token opens the tasks of this owner alone; null: of everybody',
  })
  owner!: string | null;

  @Column({
    type: 'varchar',
    length: 64,
    nullable: true,
    comment: 'The token opens the tasks of this pool alone; null: of every pool',
  })
  pool!: string | null;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({
    type: 'timestamptz',
    precision: 3,
    nullable: true,
    comment: 'Since then the token opens nothing; null: it is valid',
  })
  revokedAt!: Date | null;
}
