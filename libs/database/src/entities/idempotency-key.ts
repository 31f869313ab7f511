import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { hex } from './hex.js';

@Entity({
  name: 'idempotency_keys',
  comment: 'Keys that clients gave their POST requests over HTTP, with the answers to send again',
})
export class IdempotencyKey {
  @PrimaryColumn({ type: 'varchar', length: 255 })
  key!: string;

  @Column({
    type: 'bytea',
    transformer: hex,
    comment: 'Of path and body: the same key with another request is refused',
  })
  requestSha256!: string;

  @Column({ type: 'uuid', comment: 'The run of the request that may set or give up this row' })
  holder!: string;

  @Column({
    type: 'timestamptz',
    precision: 3,
    comment: 'Without an answer by then, its process has died, and the same request may run again',
  })
  heldUntil!: Date;

  @Column({ type: 'int', nullable: true, comment: 'Of the answer; null while there is none' })
  status!: number | null;

  @Column({
    type: 'json',
    nullable: true,
    comment: 'As it was sent, with its order of fields; null: the answer was empty',
  })
  body!: unknown;

  @Column({ type: 'text', nullable: true })
  location!: string | null;

  @Index('idx_idempotency_keys_expiry')
  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;
}
