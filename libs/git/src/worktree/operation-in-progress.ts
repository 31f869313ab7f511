import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** An operation that git has begun and not finished; the files on disk are then half of it. */
export type OperationInProgress = 'merge' | 'rebase' | 'am' | 'cherry-pick' | 'revert' | 'bisect';

export function operationInProgress(gitDir: string): OperationInProgress | null {
  const has = (name: string): boolean => existsSync(join(gitDir, name));
  if (has('rebase-merge')) return 'rebase';
  if (has('rebase-apply')) return has('rebase-apply/applying') ? 'am' : 'rebase';
  if (has('MERGE_HEAD')) return 'merge';
  if (has('CHERRY_PICK_HEAD')) return 'cherry-pick';
  if (has('REVERT_HEAD')) return 'revert';
  if (has('BISECT_LOG')) return 'bisect';
  return null;
}
