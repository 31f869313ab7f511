import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWorktree } from './describe-worktree.js';
import { git, makeSite, type Site } from '../../testing/repositories.js';

describe('what a worktree stands on', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
  });
  afterEach(() => site.remove());

  it.each([undefined, 'refs/remotes/origin/main'])(
    'is told for a branch that is named HEAD, which git calls ambiguous, beside %s',
    async (comparedRef) => {
      const headSha = git(site.workDir, 'rev-parse', '--verify', 'HEAD');
      const headTreeSha = git(site.workDir, 'rev-parse', '--verify', 'HEAD^{tree}');
      git(site.workDir, 'update-ref', 'refs/heads/HEAD', 'HEAD');
      git(site.workDir, 'symbolic-ref', 'HEAD', 'refs/heads/HEAD');
      const found = await describeWorktree(site.workDir, undefined, undefined, comparedRef);
      expect(found).toMatchObject({ headSha, headTreeSha, branchName: 'HEAD' });
    },
  );

  it('names the best ancestor that HEAD shares with another ref, or that there is none', async () => {
    const shared = git(site.workDir, 'rev-parse', 'HEAD');
    const treeSha = git(site.workDir, 'rev-parse', 'HEAD^{tree}');
    git(site.workDir, 'branch', 'island', git(site.workDir, 'commit-tree', '-m', 'island', treeSha));
    git(site.workDir, 'branch', 'other', git(site.workDir, 'commit-tree', '-p', 'HEAD', '-m', 'x', treeSha));
    git(site.workDir, 'commit', '-q', '--allow-empty', '-m', 'of its own');
    for (const [name, sha] of Object.entries({ other: shared, island: null, missing: null })) {
      const ref = `refs/heads/${name}`;
      const found = await describeWorktree(site.workDir, undefined, undefined, ref);
      expect(found).toMatchObject({ mergeBase: { ref, sha }, branchName: 'main' });
    }
  });

  it('is nothing yet where HEAD is unborn', async () => {
    git(site.workDir, 'checkout', '-q', '--orphan', 'unborn');
    const found = await describeWorktree(site.workDir, undefined, undefined, 'refs/remotes/origin/main');
    expect(found).toMatchObject({ headSha: null, headTreeSha: null, branchName: 'unborn' });
  });

  it('is an error that says what is wrong when there is no worktree', async () => {
    await expect(describeWorktree(site.dir)).rejects.toMatchObject({ code: 'NOT_A_WORKTREE' });
    await expect(describeWorktree(`${site.workDir}/src`)).rejects.toMatchObject({ code: 'NOT_A_WORKTREE' });
  });
});
