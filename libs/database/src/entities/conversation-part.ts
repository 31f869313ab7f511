import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Task } from './task.js';

@Entity({
  name: 'conversation_parts',
  comment:
    'What agents wrote of their conversations. The files of an attempt grow: each part begins where an earlier checkpoint ended',
})
export class ConversationPart {
  @ForeignKey(() => Task, { onDelete: 'CASCADE' })
  @PrimaryColumn({ type: 'uuid' })
  taskId!: string;

  @PrimaryColumn({ type: 'int' })
  attempt!: number;

  @PrimaryColumn({
    type: 'varchar',
    length: 1024,
    comment: 'As the conversation of a checkpoint of that attempt names it',
  })
  path!: string;

  @PrimaryColumn({
    type: 'int',
    comment: 'Raised when the file was rewritten instead of appended to',
  })
  generation!: number;

  @PrimaryColumn({ type: 'int', comment: 'Where in the file it begins' })
  startByte!: number;

  @Column({ type: 'bytea' })
  data!: Buffer;

  @Column({
    type: 'bytea',
    nullable: true,
    comment: 'Nonce and tag of the encryption, by the key in task_keys. Null: not encrypted',
  })
  seal!: Buffer | null;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
