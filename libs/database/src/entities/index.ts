import { CheckpointPatch } from './checkpoint-patch.js';
import { Daemon } from './daemon.js';
import { DeadLetter } from './dead-letter.js';
import { OutboxRow } from './outbox-row.js';
import { TaskCheckpoint } from './task-checkpoint.js';
import { Task } from './task.js';

export { CheckpointPatch, Daemon, DeadLetter, OutboxRow, Task, TaskCheckpoint };

/** Every table, for the data source. */
export const entities = [Daemon, Task, TaskCheckpoint, CheckpointPatch, OutboxRow, DeadLetter];
