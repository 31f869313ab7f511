import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Task } from './task.js';

@Entity({
  name: 'task_keys',
  comment: 'Keys that patches and conversations are encrypted by. Deleting one deletes the work of its task',
})
export class TaskKey {
  @ForeignKey(() => Task, { onDelete: 'CASCADE' })
  @PrimaryColumn({ type: 'uuid' })
  taskId!: string;

  @Column({ type: 'varchar', length: 64, comment: 'Of the key that wraps it, which is not in the database' })
  keyId!: string;

  @Column({ type: 'bytea', comment: 'Nonce, tag and 32 bytes, by AES-256-GCM' })
  wrappedKey!: Buffer;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
