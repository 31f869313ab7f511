import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { GitError } from '#git';
import { temporaryFolder } from '#testing';
import { aCheckpoint } from '../../testing/offline-agent.js';
import { restoreFromCheckpoint, type Persist } from './restore-from-checkpoint.js';

const gitError = (code: GitError['code']) => new GitError(code, 'No.', { nextStep: 'Look.' });

/** Twice, without a pause. */
const persistently: Persist = (work) => work().catch(() => work());

describe('a checkpoint with a bundle and a diff', () => {
  /** What is read, in turn; each read of a bundle or diff named in `fails` fails. */
  async function restore(fails: Partial<Record<'bundle' | 'diff', GitError['code']>>) {
    const folder = temporaryFolder();
    const { patchData, ...diff } = await aCheckpoint(7, 'work');
    const reads: string[] = [];
    const outcome = await restoreFromCheckpoint(
      { ...diff, bundleId: 'the bundle', bundleSha256: 'b'.repeat(64), bundleSizeBytes: 1 },
      async () => ({
        mirrorDir: null,
        taskDir: join(folder, 'task'),
        worktreeDir: join(folder, 'task', 'worktree'),
        shadowDir: join(folder, 'shadow'),
        branchName: 'task',
      }),
      async (patchId, offsetBytes) => {
        const way = patchId === 'the bundle' ? 'bundle' : 'diff';
        reads.push(way);
        if (fails[way]) throw gitError(fails[way]);
        return { patchId, offsetBytes, totalSizeBytes: diff.patchSizeBytes!, data: patchData! };
      },
      persistently,
    ).catch((error: GitError) => ({ outcome: 'threw', code: error.code }) as const);
    return { outcome, reads, folder };
  }

  it('is restored from the diff when git keeps failing with the bundle', async () => {
    const { outcome, reads, folder } = await restore({ bundle: 'GIT_FAILED' });
    expect(outcome).toMatchObject({ outcome: 'restored', from: { format: 'git-diff' } });
    expect(outcome).toHaveProperty('failedTries', [
      expect.stringContaining('checkpoint 7 from its git-bundle: GIT_FAILED'),
    ]);
    expect(reads).toEqual(['bundle', 'bundle', 'diff']);
    expect(readFileSync(join(folder, 'task', 'worktree', 'work.txt'), 'utf8')).toBe('work');
  });

  it('is not judged unrestorable when git fails with both', async () => {
    const { outcome, reads } = await restore({ bundle: 'GIT_FAILED', diff: 'GIT_FAILED' });
    expect(outcome).toEqual({ outcome: 'threw', code: 'GIT_FAILED' });
    expect(reads).toEqual(['bundle', 'bundle', 'diff', 'diff']);
  });

  it('is not restored from the diff while the source is unreachable', async () => {
    const { outcome, reads } = await restore({ bundle: 'SOURCE_UNREACHABLE' });
    expect(outcome).toEqual({ outcome: 'threw', code: 'SOURCE_UNREACHABLE' });
    expect(reads).toEqual(['bundle', 'bundle']);
  });
});
