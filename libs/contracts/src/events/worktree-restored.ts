import { IsOptional } from 'class-validator';
import { AreFailedTries } from '../fields/failed-tries.js';
import { IsCount, IsGitSha, IsOrdinal, IsText, IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';
import { AreOmissions, type Omission } from '../fields/omission.js';

/**
 * patch-store → anyone: a daemon restored a worktree, and the tree hash computed from its disk equals the
 * recorded one.
 */
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

  @IsTimestamp()
  at!: string;
}
