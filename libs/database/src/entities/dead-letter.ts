import type { ErrorCode } from '#contracts';
import { Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { hex } from './hex.js';

@Entity({
  name: 'dead_letters',
  comment: 'Messages that can never succeed as they are, whole, with the reason',
})
@Unique(['consumer', 'subject', 'payloadSha256'])
@Index('idx_dead_letters_daemon', ['daemonId', 'id'])
export class DeadLetter {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({
    type: 'varchar',
    length: 255,
    comment: 'Durable consumer that refused it; it reads one stream',
  })
  consumer!: string;

  @Column({ type: 'text' })
  subject!: string;

  @Column({ type: 'varchar', length: 64, comment: 'One of the documented error codes' })
  code!: ErrorCode;

  @Column({ type: 'text', nullable: true, comment: 'The field at fault, where one is' })
  path!: string | null;

  @Column({ type: 'text' })
  reason!: string;

  @Column({ type: 'bytea', select: false })
  payload!: Buffer;

  @Column({
    type: 'int',
    nullable: true,
    comment: 'As it came: more than payload has when that is cut. Null: kept whole by an older version',
  })
  payloadSizeBytes!: number | null;

  @Column({
    type: 'bytea',
    transformer: hex,
    comment: 'Of the payload as it came: the same message refused again is the same dead letter',
  })
  payloadSha256!: string;

  @Column({ type: 'jsonb', default: {} })
  headers!: Record<string, string>;

  @Column({
    type: 'varchar',
    length: 64,
    nullable: true,
    comment: 'As far as it could be read, like task_id and event_id',
  })
  daemonId!: string | null;

  @Index('idx_dead_letters_task')
  @Column({ type: 'uuid', nullable: true })
  taskId!: string | null;

  @Column({ type: 'uuid', nullable: true })
  eventId!: string | null;

  @Column({ type: 'int' })
  deliveredCount!: number;

  @Index('idx_dead_letters_created')
  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({
    type: 'timestamptz',
    precision: 3,
    nullable: true,
    comment: 'When it was last sent to its subject again; null once it was refused again',
  })
  replayedAt!: Date | null;
}
