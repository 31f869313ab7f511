import { IsIn, IsOptional } from 'class-validator';
import { AreFailedTries } from '../fields/failed-tries.js';
import { IsCount, IsGitSha, IsOrdinal, IsText, IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';
import { AreOmissions, type Omission } from '../fields/omission.js';
import { IsExitCode, IsProse } from '../fields/task-fields.js';

/**
 * - `started`: the agent process runs
 * - `restored`, `restore-failed`: the outcome of restoring a checkpoint, before `started`; there may be
 *   several
 * - `conversation-refused`: the program does not go on with its conversation and starts over; why is in
 *   `reason`. Before the `started` that follows
 * - `completed`, `failed`, `stopped`: the process exited successfully, failed, or was stopped on request
 * - `released`: the daemon gives the task back because it shuts down: the process has ended, the final
 *   capture is spooled or stored, and the task can continue elsewhere
 */
export const TASK_REPORTS = [
  'started',
  'restored',
  'restore-failed',
  'conversation-refused',
  'completed',
  'failed',
  'stopped',
  'released',
] as const;
export type TaskReport = (typeof TASK_REPORTS)[number];

/**
 * How the worktree of a started attempt was made; `adopted`: a person works in it, and it is only watched.
 */
export const WORKTREE_ORIGINS = ['fresh', 'reused', 'restored', 'adopted'] as const;
export type WorktreeOrigin = (typeof WORKTREE_ORIGINS)[number];

/**
 * daemon-agent → patch-store: what happens to an attempt. At least once, in order per task from one daemon.
 */
export class TaskReported extends TaskMessage {
  @IsIn(TASK_REPORTS)
  report!: TaskReport;

  /** By the agent's clock, for people. */
  @IsTimestamp()
  reportedAt!: string;

  /** With `started`. */
  @IsOptional()
  @IsIn(WORKTREE_ORIGINS)
  worktreeOrigin?: WorktreeOrigin;

  @IsOptional()
  @IsText(4096)
  worktreePath?: string;

  /** With `restored` and `restore-failed`. */
  @IsOptional()
  @IsOrdinal()
  checkpointNumber?: number;

  /** With `restored`: computed from disk, equal to the recorded one. */
  @IsOptional()
  @IsGitSha()
  treeSha?: string;

  @IsOptional()
  @IsGitSha()
  baseSha?: string;

  @IsOptional()
  @IsCount()
  patchFilesCount?: number;

  @IsOptional()
  @IsCount()
  durationMilliseconds?: number;

  @IsOptional()
  @IsText(4096)
  movedAsideTo?: string;

  /** Local commits that were restored as commits; 0 if there was only a diff. */
  @IsOptional()
  @IsCount()
  commitsCount?: number;

  /** Age of the checkpoint when it was chosen, by the database's clock. */
  @IsOptional()
  @IsCount()
  checkpointAgeSeconds?: number;

  /** What was not restored, because the checkpoint did not contain it. */
  @AreOmissions()
  omissions?: Omission[];

  @IsOptional()
  @IsCount()
  omissionsCount?: number;

  /** What was tried before and failed, with the reasons. */
  @AreFailedTries()
  failedTries?: string[];

  /** With `completed` and `failed`, if the process exited. */
  @IsOptional()
  @IsExitCode()
  exitCode?: number;

  /**
   * With an end: the last state of the worktree is in no checkpoint, because the final capture failed, and
   * why. The worktree stays.
   */
  @IsOptional()
  @IsText(500)
  captureFailure?: string;

  /**
   * With `failed`, `stopped`, `released`, `restore-failed` and `conversation-refused`; with `started`: why a
   * resume could not restore and started fresh, and how the setup command failed.
   */
  @IsOptional()
  @IsProse()
  reason?: string;
}
