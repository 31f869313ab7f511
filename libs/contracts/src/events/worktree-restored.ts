import { IsOptional } from 'class-validator';
import { IsCount, IsGitSha, IsOrdinal, IsText, IsTimestamp } from '../fields.js';
import { TaskMessage } from '../message.js';

/** patch-store → anyone: a daemon restored a worktree, and the tree hash computed from its disk equals the recorded one. */
export class WorktreeRestored extends TaskMessage {
  @IsOrdinal()
  checkpointNumber!: number;

  @IsGitSha()
  treeSha!: string;

  @IsGitSha()
  baseSha!: string;

  @IsCount()
  patchFilesCount!: number;

  @IsCount()
  durationMilliseconds!: number;

  @IsText(4096)
  worktreePath!: string;

  /** Where an older folder of the same name was moved. */
  @IsOptional()
  @IsText(4096)
  movedAsideTo?: string;

  @IsTimestamp()
  at!: string;
}
