import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { operationInProgress } from './operation-in-progress.js';
import { makeTempDir, write } from '../../testing/repositories.js';

describe('what git is in the middle of', () => {
  let dir: string;
  let remove: () => void;
  beforeEach(() => {
    ({ dir, remove } = makeTempDir());
  });
  afterEach(() => remove());

  it.each([
    ['merge', ['MERGE_HEAD']],
    ['rebase', ['rebase-merge/head-name']],
    ['rebase', ['rebase-apply/rebasing']],
    ['am', ['rebase-apply/applying']],
    ['cherry-pick', ['CHERRY_PICK_HEAD']],
    ['revert', ['REVERT_HEAD']],
    ['bisect', ['BISECT_LOG']],
    ['rebase', ['rebase-merge/head-name', 'CHERRY_PICK_HEAD']], // stopped at a conflict
    [null, ['HEAD']],
  ])('%s, from %j', (operation, files) => {
    for (const file of files) write(dir, file, '');
    expect(operationInProgress(dir)).toBe(operation);
    expect(operationInProgress(join(dir, 'nowhere'))).toBeNull();
  });
});
