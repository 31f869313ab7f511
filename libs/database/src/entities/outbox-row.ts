import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

@Entity({
  name: 'outbox',
  comment: 'Messages to publish because their transaction committed; deleted when NATS has them',
})
@Index('idx_outbox_task', ['taskId', 'id'])
export class OutboxRow {
  /** A 64-bit integer, as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({
    type: 'uuid',
    nullable: true,
    comment: 'Messages of one task go out in the order of their ids; null: in any order',
  })
  taskId!: string | null;

  @Column({ type: 'text' })
  subject!: string;

  @Column({
    type: 'varchar',
    length: 255,
    comment: 'Nats-Msg-Id: publishing the row again is swallowed by the stream',
  })
  messageId!: string;

  @Column({ type: 'jsonb', default: {} })
  headers!: Record<string, string>;

  /** As text. */
  @Column({ type: 'json', comment: 'JSON, not JSONB: published byte for byte as it was written' })
  payload!: string;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
