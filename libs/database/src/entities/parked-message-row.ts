import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import { hex } from './hex.js';

@Entity({
  name: 'parked_messages',
  comment:
    "Messages that were taken out of their stream and wait: for bytes, for an earlier message, for their daemon's turn",
})
@Unique(['consumer', 'messageSha256'])
@Index('idx_parked_messages_due', ['consumer', 'dueAt'])
@Index('idx_parked_messages_daemon', ['consumer', 'daemonId', 'dueAt', 'sizeBytes'])
export class ParkedMessageRow {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({
    type: 'varchar',
    length: 255,
    comment: 'Durable consumer that set it aside, and takes it up again',
  })
  consumer!: string;

  @Column({ type: 'varchar', length: 64, comment: 'Its sender, by its subject; _: it names none' })
  daemonId!: string;

  @Column({ type: 'text' })
  subject!: string;

  @Column({ type: 'jsonb', default: {} })
  headers!: Record<string, string>;

  @Column({ type: 'bytea', select: false })
  payload!: Buffer;

  @Column({ type: 'int', comment: 'Of payload' })
  sizeBytes!: number;

  @Column({
    type: 'bytea',
    transformer: hex,
    comment: 'Of subject and payload: the same message sent again is the same parked one',
  })
  messageSha256!: string;

  @Column({ type: 'text', comment: 'What it waits for' })
  reason!: string;

  @Column({ type: 'int', default: 0, comment: 'How often it was taken up again' })
  tries!: number;

  @Column({
    type: 'timestamptz',
    precision: 3,
    comment: 'When its stream took it, by the clock of NATS',
  })
  sentAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({
    type: 'timestamptz',
    precision: 3,
    comment: 'When it is taken up again; while a process handles it: when another one may',
  })
  dueAt!: Date;
}
