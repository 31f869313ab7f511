import { Equals, IsBoolean, IsOptional } from 'class-validator';
import { IsAnyJson, type JsonText } from '../fields/json-text.js';
import { CheckpointToRestore } from '../messages/checkpoint-to-restore.js';
import { IsId, IsNameToken, IsOrdinal } from '../fields/fields.js';
import { IsForkedFrom, type ForkedFrom } from '../fields/forked-from.js';
import { SCHEMA_VERSION, type Message } from '../wire/message.js';
import { IsBranchName, IsPlan, IsRepoUrl, IsSetup, IsTaskName } from '../fields/task-fields.js';
import { IsUnattended, type Unattended } from '../fields/unattended.js';

/**
 * patch-store → a daemon, or whichever daemon of a pool pulls it first: run this attempt of the task.
 *
 * Delivered at least once. The receiver claims (`taskId`, `attempt`) from patch-store before it does
 * anything, so that one agent process runs per task and attempt. It names the checkpoint to restore, when the
 * task has one.
 */
export class SpawnTask extends CheckpointToRestore implements Message {
  @Equals(SCHEMA_VERSION)
  schemaVersion: number = SCHEMA_VERSION;

  @IsId()
  eventId!: string;

  @IsId()
  taskId!: string;

  @IsOrdinal()
  attempt!: number;

  @IsTaskName()
  taskName!: string;

  /** What the agent should do: a prompt, or a script for the `shell` runner. */
  @IsPlan()
  plan!: string;

  /** How the agent program is started; one of the agent's runners. */
  @IsNameToken()
  runner!: string;

  /** How far the agent may act while nobody watches. Absent: as far as its daemon lets every task. */
  @IsOptional()
  @IsUnattended()
  unattended?: Unattended;

  /** Source repository: a URL, or `new://name` for an empty one. */
  @IsRepoUrl()
  repoUrl!: string;

  @IsOptional()
  @IsBranchName()
  baseBranch?: string;

  /** Branch that the task works on; named after the task's name and id if absent. */
  @IsOptional()
  @IsBranchName()
  targetBranch?: string;

  /**
   * Runs in a worktree that was made or restored, before the agent. Empty: nothing does. Absent: the `setup`
   * of the worktree's `.patchpoint.json`, if it has one.
   */
  @IsOptional()
  @IsSetup()
  setup?: string;

  /** A supervisor may be spawned again while it is considered running. */
  @IsBoolean()
  isSupervisor!: boolean;

  /**
   * Continue where an earlier attempt ended: reuse its worktree, restore it, or start fresh and report that.
   */
  @IsBoolean()
  resumeSession!: boolean;

  /**
   * The task is a fork: what `checkpointAttempt` 0 restores is the state of another task at that checkpoint,
   * and the agent goes on from it in a conversation of its own.
   */
  @IsOptional()
  @IsForkedFrom()
  forkedFrom?: ForkedFrom;

  /** Any JSON: given to a runner that cannot continue the conversation from its own records. */
  @IsOptional()
  @IsAnyJson()
  conversationHistory?: JsonText | null;
}
