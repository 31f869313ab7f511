import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { IsId, IsNameToken, IsOrdinal, IsTimestamp } from '../fields/fields.js';
import { IsForkedFrom, type ForkedFrom } from '../fields/forked-from.js';
import { Message } from '../wire/message.js';
import { TASK_STATES, type TaskState } from '../fields/task-state.js';
import { IsExitCode, IsProse } from '../fields/task-fields.js';

export const TASK_EVENT_KINDS = [
  'task-spawning',
  'task-started',
  'task-completed',
  'task-failed',
  'task-stopped',
  'task-released',
  'task-lost',
  'task-given-up',
] as const;
export type TaskEventKind = (typeof TASK_EVENT_KINDS)[number];

/** patch-store or janitor → anyone: a task changed its state. At least once, in order per task. */
export class TaskEvent extends Message {
  @IsIn(TASK_EVENT_KINDS)
  kind!: TaskEventKind;

  @IsId()
  taskId!: string;

  @IsOrdinal()
  attempt!: number;

  @IsIn(TASK_STATES)
  state!: TaskState;

  /** Absent while no daemon has claimed the attempt. */
  @IsOptional()
  @IsNameToken()
  daemonId?: string;

  /** For task-spawning on resume: the checkpoint that was chosen. Absent: none was restorable. */
  @IsOptional()
  @IsOrdinal()
  checkpointNumber?: number;

  /** For task-spawning of a fork: the checkpoint of another task that it was made from. */
  @IsOptional()
  @IsForkedFrom()
  forkedFrom?: ForkedFrom;

  @IsOptional()
  @IsExitCode()
  exitCode?: number;

  @IsOptional()
  @IsProse()
  reason?: string;

  /**
   * With an end, when the last state of the worktree is in no checkpoint: it lies on the disk of `daemonId`
   * alone.
   */
  @IsOptional()
  @IsBoolean()
  unsavedWork?: boolean;

  /** By the database's clock. */
  @IsTimestamp()
  at!: string;
}
