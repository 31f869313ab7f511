import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { IsOrdinal } from '../fields/fields.js';
import { IsProse } from '../fields/task-fields.js';
import { MAX_LISTED_CHECKPOINTS } from './list-checkpoints.js';

/*
 * What an agent may ask of its daemon, at the private endpoint of its task: a POST to
 * `$PATCHPOINT_ENDPOINT/tools/<name>` with one of these as JSON. `patchpoint mcp` offers them to programs.
 */

export const AGENT_TOOLS = [
  'checkpoint',
  'list_checkpoints',
  'show_checkpoint',
  'restore_paths',
  'recovery_brief',
] as const;
export type AgentToolName = (typeof AGENT_TOOLS)[number];

export class CheckpointToolInput {
  @IsOptional()
  @IsProse()
  message?: string;
}

export class ListCheckpointsToolInput {
  /** Only those with a lower number. */
  @IsOptional()
  @IsOrdinal()
  before?: number;

  @IsInt()
  @Min(1)
  @Max(MAX_LISTED_CHECKPOINTS)
  limit: number = 20;
}

export class ShowCheckpointToolInput {
  @IsOrdinal()
  number!: number;
}

export class RestorePathsToolInput {
  @IsOrdinal()
  number!: number;

  /** From the top of the worktree; a folder stands for all files in it. */
  @IsArray()
  @IsString({ each: true })
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  paths!: string[];
}
