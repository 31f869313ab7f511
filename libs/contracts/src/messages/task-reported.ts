import { IsIn, IsInt, IsOptional } from 'class-validator';
import { AreFailedTries } from '../fields/failed-tries.js';
import { IsCount, IsGitSha, IsOrdinal, IsText, IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';
import { AreOmissions, type Omission } from '../fields/omission.js';

/**
 * - `started`: the agent process runs
 * - `restored`, `restore-failed`: what became of restoring a checkpoint, before `started`; several may follow
 *   each other
 * - `completed`, `failed`, `stopped`: the process ended by itself well, badly, or on request
 * - `released`: the daemon gives the task back, because it is to stop itself: the process has ended, the last
 *   capture is spooled or stored, and the task wants to go on elsewhere
 */
export const TASK_REPORTS = [
  'started',
  'restored',
  'restore-failed',
  'completed',
  'failed',
  'stopped',
  'released',
] as const;
export type TaskReport = (typeof TASK_REPORTS)[number];

/** How the worktree of a started attempt came to be; `adopted`: it is somebody else's, and only watched. */
export const WORKTREE_ORIGINS = ['fresh', 'reused', 'restored', 'adopted'] as const;
export type WorktreeOrigin = (typeof WORKTREE_ORIGINS)[number];

/**
 * daemon-agent → patch-store: what became of an attempt. At least once, in order per task from one daemon.
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

  /** Local commits that came back as commits; 0 when only a diff was there. */
  @IsOptional()
  @IsCount()
  commitsCount?: number;

  /** Age of the checkpoint when it was chosen, by the database's clock. */
  @IsOptional()
  @IsCount()
  checkpointAgeSeconds?: number;

  /** What did not come back, because the checkpoint did not hold it. */
  @AreOmissions()
  omissions?: Omission[];

  @IsOptional()
  @IsCount()
  omissionsCount?: number;

  /** What was tried before and failed, with the reasons. */
  @AreFailedTries()
  failedTries?: string[];

  /** With `completed` and `failed`, when the process exited by itself. */
  @IsOptional()
  @IsInt()
  exitCode?: number;

  /**
   * With an end: the last state of the worktree is in no checkpoint, because the final capture failed, and
   * why. The worktree stays.
   */
  @IsOptional()
  @IsText(500)
  captureFailure?: string;

  /**
   * With `failed`, `stopped`, `released` and `restore-failed`; with `started` on a resume that could not
   * restore: why it started fresh.
   */
  @IsOptional()
  @IsText(8000)
  reason?: string;
}
