import { IsBoolean, IsIn, IsOptional, Matches, MinLength, ValidateIf, IsDefined } from 'class-validator';
import { IsAnyJson, type JsonText } from '../fields/json-text.js';
import { IsId, IsNameToken, IsOrdinal, IsText } from '../fields/fields.js';
import { TASK_STATES, type TaskState } from '../fields/task-state.js';
import { PageQuery } from './page.query.js';
import {
  IsBranchName,
  IsNewTaskName,
  IsPlan,
  IsRepoUrl,
  IsSetup,
  IsTaskName,
} from '../fields/task-fields.js';
import { IsUnattended, type Unattended } from '../fields/unattended.js';

/** `POST /v1/tasks` */
export class CreateTaskBody {
  /** Chosen by the client, so that the same request may be sent again; generated if absent. */
  @IsOptional()
  @IsId()
  id?: string;

  @IsNewTaskName()
  @MinLength(1)
  name!: string;

  /** What the agent should do: a prompt, or a script for the `shell` runner. */
  @IsPlan()
  plan!: string;

  /** `shell`, `claude-code`, `codex`, `opencode`, `gemini-cli` or another runner that the agents know. */
  @IsNameToken()
  runner!: string;

  /**
   * How far the agent may act while nobody watches; absent: as far as its daemon lets every task. A task that
   * asks for more than its daemon allows fails.
   */
  @IsOptional()
  @IsUnattended()
  unattended?: Unattended;

  /** Source repository: a URL, or `new://name` for an empty one. */
  @IsRepoUrl()
  @MinLength(1)
  repoUrl!: string;

  @IsOptional()
  @IsBranchName()
  baseBranch?: string;

  /** Branch that the task works on; created by the agent if absent. */
  @IsOptional()
  @IsBranchName()
  targetBranch?: string;

  /**
   * A command, such as `npm ci`, that a daemon runs in a worktree that it made or restored, before the agent.
   * Empty: none. Absent: the `setup` of the worktree's `.patchpoint.json`, if it has one.
   */
  @IsOptional()
  @IsSetup()
  setup?: string;

  /** Whose task it is. Absent: of whom the token is for. Naming one needs the scope `admin`. */
  @IsOptional()
  @IsNameToken()
  owner?: string;

  /** Any daemon of this pool may take the task … */
  @IsNameToken()
  pool: string = 'default';

  /** … unless only this one may. */
  @IsOptional()
  @IsNameToken()
  daemonId?: string;

  @IsBoolean()
  isSupervisor: boolean = false;

  /** Whether the task is resumed automatically when its daemon dies. */
  @IsBoolean()
  autoResume: boolean = true;

  /** Any JSON; given to a runner that cannot continue the conversation from its own records. */
  @IsOptional()
  @IsAnyJson()
  conversationHistory?: JsonText | null;
}

/** `POST /v1/tasks/{id}/resume` */
export class ResumeTaskBody {
  /** Only this daemon may take the new attempt. Absent: any of the pool. */
  @IsOptional()
  @IsNameToken()
  daemonId?: string;

  /** Default: the pool that the task is in. */
  @IsOptional()
  @IsNameToken()
  pool?: string;

  /** The source's address, if it has moved. The task keeps it. It must have the bases of earlier patches. */
  @IsOptional()
  @IsText(4096)
  @MinLength(1)
  repoUrl?: string;

  /** Take the task from a daemon that is alive. */
  @IsBoolean()
  force: boolean = false;
}

/**
 * `POST /v1/tasks/{id}/fork`. Source, runner, permissions to resume and the like are those of the task; what
 * is said here is different in its fork.
 */
export class ForkTaskBody {
  /** Of the new task. Chosen by the client, so that the same request may be sent again. */
  @IsOptional()
  @IsId()
  id?: string;

  /** The checkpoint to go on from. Default: the newest that can be restored. */
  @IsOptional()
  @IsOrdinal()
  checkpointNumber?: number;

  /** Default: the task's name, `-fork-`, and 1, 2, … */
  @IsOptional()
  @IsNewTaskName()
  @MinLength(1)
  name?: string;

  /** What the agent should do from here on. Default: what the task was created with. */
  @IsOptional()
  @IsPlan()
  plan?: string;

  /** Branch that the fork works on. Default: one of its own, whatever that of the task is. */
  @IsOptional()
  @IsBranchName()
  targetBranch?: string;

  /** Any daemon of this pool may take the fork. Default: the pool that the task is in. */
  @IsOptional()
  @IsNameToken()
  pool?: string;

  /** Only this daemon may take it. */
  @IsOptional()
  @IsNameToken()
  daemonId?: string;
}

/** `POST /v1/tasks/{id}/stop` */
export class StopTaskBody {
  @IsText(1000)
  reason: string = 'Stopped on request.';
}

/** `POST /v1/tasks/{id}/undo` */
export class UndoBody {
  /** The checkpoint to go back to. Default: the one before, with other files. */
  @IsOptional()
  @IsOrdinal()
  checkpointNumber?: number;
}

/** `PUT /v1/tasks/{id}/conversation-history` */
export class ConversationHistoryBody {
  /** Any JSON; null removes it. */
  @ValidateIf((body: ConversationHistoryBody) => body.conversationHistory !== null)
  @IsDefined()
  @IsAnyJson()
  conversationHistory!: JsonText | null;
}

/** `POST /v1/tasks/{id}/cleanup` */
export class CleanupWorktreeBody {
  /**
   * Remove the worktree even if it holds work that is in no stored checkpoint; a final capture is taken
   * first.
   */
  @IsBoolean()
  force: boolean = false;
}

/** `GET /v1/tasks` */
export class ListTasksQuery extends PageQuery {
  @IsOptional()
  @IsId()
  cursor?: string;

  @IsOptional()
  @IsIn(TASK_STATES)
  state?: TaskState;

  @IsOptional()
  @IsNameToken()
  pool?: string;

  /** Tasks whose current attempt this daemon holds. */
  @IsOptional()
  @IsNameToken()
  daemon?: string;

  @IsOptional()
  @IsTaskName()
  name?: string;

  /** The beginning of the id, with or without dashes, as people refer to a task. */
  @IsOptional()
  @Matches(/^(?:[0-9a-f]-?){1,32}$/i, {
    message: '$property must be the beginning of a UUID',
    context: { code: 'BAD_ID' },
  })
  idPrefix?: string;
  /** The end of the id, up to 12 digits, as in the names of folders and branches. */
  @IsOptional()
  @Matches(/^[0-9a-f]{1,12}$/i, {
    message: '$property must be the end of a UUID',
    context: { code: 'BAD_ID' },
  })
  idSuffix?: string;
}
