import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWorktree } from './describe-worktree.js';
import { git, makeSite, type Site } from '../../testing/repositories.js';

describe('what a worktree stands on', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
  });
  afterEach(() => site.remove());

  it('is told for a branch that is named HEAD, which git calls ambiguous', async () => {
    const headSha = git(site.workDir, 'rev-parse', '--verify', 'HEAD');
    git(site.workDir, 'update-ref', 'refs/heads/HEAD', 'HEAD');
    git(site.workDir, 'symbolic-ref', 'HEAD', 'refs/heads/HEAD');
    expect(await describeWorktree(site.workDir)).toMatchObject({ headSha, branchName: 'HEAD' });
  });

  it('is an error that says what is wrong when there is no worktree', async () => {
    await expect(describeWorktree(site.dir)).rejects.toMatchObject({ code: 'NOT_A_WORKTREE' });
    await expect(describeWorktree(`${site.workDir}/src`)).rejects.toMatchObject({ code: 'NOT_A_WORKTREE' });
  });
});
