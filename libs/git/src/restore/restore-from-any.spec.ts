import { describe, expect, it } from '@jest/globals';
import { GitError, type GitErrorCode } from '../run/git-error.js';
import { restoreFromAny } from './restore-from-any.js';

const gitError = (code: GitErrorCode): GitError => new GitError(code, 'No.', { nextStep: 'Look.' });

/** Tries a bundle and a diff, of which these fail, and says which were tried and how it ended. */
async function restore(fails: { bundle?: Error; diff?: Error }): Promise<string> {
  const tried: string[] = [];
  const outcome = await restoreFromAny(['bundle', 'diff'] as const, async (form) => {
    tried.push(form);
    if (fails[form]) throw fails[form];
  }).then(
    (ended) => ended.outcome,
    () => 'threw',
  );
  return `${tried.join(', ')}: ${outcome}`;
}

describe('restoreFromAny', () => {
  it('takes the first form that works', async () => {
    expect(await restore({})).toBe('bundle: restored');
  });

  it.each<GitErrorCode>([
    'TREE_MISMATCH',
    'UNSAFE_PATH',
    'NOT_GZIP',
    'GZIP_CORRUPT',
    'PATCH_INVALID',
    'PATCH_TOO_LARGE',
    'BASE_MISSING',
    'DIGEST_MISMATCH',
    'GIT_FAILED',
  ])('tries the diff after a bundle that fails with %s', async (code) => {
    expect(await restore({ bundle: gitError(code) })).toBe('bundle, diff: restored');
  });

  it.each<GitErrorCode>(['SOURCE_UNREACHABLE', 'GIT_AUTH_FAILED', 'PROTOCOL_FORBIDDEN', 'PATH_NOT_FOUND'])(
    'does not blame the bundle for %s',
    async (code) => {
      expect(await restore({ bundle: gitError(code) })).toBe('bundle: threw');
    },
  );

  it('fails, and does not throw, when both forms are at fault', async () => {
    const outcome = await restore({ bundle: gitError('TREE_MISMATCH'), diff: gitError('PATCH_INVALID') });
    expect(outcome).toBe('bundle, diff: failed');
  });

  it('decides nothing when git fails with the last form for no reason that it names', async () => {
    expect(await restore({ bundle: gitError('TREE_MISMATCH'), diff: gitError('GIT_FAILED') })).toBe(
      'bundle, diff: threw',
    );
  });

  it('decides nothing for an error that nobody foresaw', async () => {
    expect(await restore({ bundle: new Error('a bug') })).toBe('bundle: threw');
  });
});
