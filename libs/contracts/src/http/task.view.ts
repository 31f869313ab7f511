import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, ValidateNested } from 'class-validator';
import { IsCount, IsId, IsNameToken, IsOrdinal, IsText, IsTimestamp, OrNull } from '../fields/fields.js';
import { IsForkedFrom, type ForkedFrom } from '../fields/forked-from.js';
import { TASK_STATES, type TaskState } from '../fields/task-state.js';
import { FailingCapturesView } from './failing-captures.view.js';
import { RecoveryView } from './recovery.view.js';
import { UnconfirmedCapturesView } from './unconfirmed-captures.view.js';
import {
  IsBranchName,
  IsExitCode,
  IsPlan,
  IsProse,
  IsRepoUrl,
  IsSetup,
  IsTaskName,
} from '../fields/task-fields.js';
import { IsUnattended, type Unattended } from '../fields/unattended.js';

/**
 * A task in a list. Times are by the database's clock. The plan and the conversation history, which may be
 * large, are left out.
 */
export class TaskSummary {
  @IsId()
  id!: string;

  @IsTaskName()
  name!: string;

  @IsNameToken()
  runner!: string;

  /** How far the agent may act while nobody watches; null: as far as its daemon lets every task. */
  @OrNull()
  @IsUnattended()
  unattended!: Unattended | null;

  @IsRepoUrl()
  repoUrl!: string;

  @OrNull()
  @IsBranchName()
  baseBranch!: string | null;

  @OrNull()
  @IsBranchName()
  targetBranch!: string | null;

  /** Runs before the agent. Empty: nothing does; null: the `setup` of the worktree's `.patchpoint.json`. */
  @OrNull()
  @IsSetup()
  setup!: string | null;

  @IsBoolean()
  isSupervisor!: boolean;

  @IsBoolean()
  autoResume!: boolean;

  @IsNameToken()
  pool!: string;

  /** Whose task it is, from the credentials that created it. Null: nobody's. */
  @OrNull()
  @IsNameToken()
  owner!: string | null;

  /** The only daemon that may take the current attempt; null: any of the pool. */
  @OrNull()
  @IsNameToken()
  requestedDaemonId!: string | null;

  /** The daemon that holds the current attempt; null: it is not claimed yet. */
  @OrNull()
  @IsNameToken()
  daemonId!: string | null;

  @IsIn(TASK_STATES)
  state!: TaskState;

  @OrNull()
  @IsProse()
  stateReason!: string | null;

  @IsOrdinal()
  attempt!: number;

  @IsCount()
  lastCheckpointNumber!: number;

  /** The checkpoint of another task that it was made from. Null: it is no fork. */
  @OrNull()
  @IsForkedFrom()
  forkedFrom!: ForkedFrom | null;

  @OrNull()
  @IsExitCode()
  exitCode!: number | null;

  @OrNull()
  @IsText(4096)
  worktreePath!: string | null;

  @IsTimestamp()
  createdAt!: string;

  @IsTimestamp()
  updatedAt!: string;

  @IsTimestamp()
  spawnedAt!: string;

  @OrNull()
  @IsTimestamp()
  startedAt!: string | null;

  @OrNull()
  @IsTimestamp()
  endedAt!: string | null;

  @ValidateNested()
  @Type(() => RecoveryView)
  recovery!: RecoveryView;

  /**
   * What is captured and not stored yet. Null: unknown, because no daemon holds the task, or its daemon does
   * not report it.
   */
  @OrNull()
  @ValidateNested()
  @Type(() => UnconfirmedCapturesView)
  unconfirmedCaptures!: UnconfirmedCapturesView | null;

  /** Null: the newest capture worked, as far as is known. */
  @OrNull()
  @ValidateNested()
  @Type(() => FailingCapturesView)
  failingCaptures!: FailingCapturesView | null;

  /**
   * The attempt has ended, and its last state is in no checkpoint: it lies in `worktreePath` on `daemonId`
   * alone, until a capture of it works, or the task goes on without it.
   */
  @IsBoolean()
  unsavedWork!: boolean;
}

/** One task. Its conversation history is left out. */
export class TaskView extends TaskSummary {
  @IsPlan()
  plan!: string;
}

/** A page of tasks, newest first. */
export class TaskPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TaskSummary)
  tasks!: TaskSummary[];

  /** The `cursor` of the next page. Null: this was the last one. */
  @OrNull()
  @IsId()
  nextCursor!: string | null;
}
