import { IsBoolean, IsIn } from 'class-validator';
import { IsCount, IsText } from '../fields/fields.js';

export const FILE_STATUSES = ['added', 'modified', 'deleted'] as const;
export type FileStatus = (typeof FILE_STATUSES)[number];

/** A file in which a checkpoint differs from its base. */
export class ChangedFile {
  /** Relative to the worktree; bytes that are not UTF-8 are shown as U+FFFD. */
  @IsText(4096)
  path!: string;

  @IsIn(FILE_STATUSES)
  status!: FileStatus;

  /** Lines; 0 for a binary file, and where only the mode changed. */
  @IsCount()
  added!: number;

  @IsCount()
  removed!: number;

  @IsBoolean()
  binary!: boolean;
}
