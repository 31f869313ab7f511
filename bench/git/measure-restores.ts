import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { restoreWorktree } from '#git';
import type { Captured } from './measure-captures.js';
import { plainGit } from './plain-git.js';
import { timeInTurn } from './rounds.js';
import type { Scene } from './scene.js';
import { summarize, type Summary } from '../shared/statistics.js';

export interface RestoreTimes {
  restore: Summary;
  /** `git worktree add`, then `git apply` of the same patch, which proves nothing. */
  bare: Summary;
}

/**
 * Has everything written that waits in memory, or whoever comes second would pay for the first one's files.
 */
const writeBack = () => promisify(execFile)('sync');

/** Unpacked; far above what the patch needs. */
const MAX_UNCOMPRESSED_BYTES = 1024 ** 3;

/**
 * Times restores of one captured state from a mirror that has its base. Times in milliseconds.
 *
 * The restored worktrees stay until the scene is removed: for a minute after a deletion ext4 looks for inodes
 * that were not just freed, and a `git worktree add` of 30,000 files took 11 to 16 s instead of 2 s.
 */
export async function measureRestores(scene: Scene, state: Captured, rounds: number): Promise<RestoreTimes> {
  const { mirrorDir, baseSha } = scene;
  const patch = state.patch!;
  const dirOf = (contender: string, round: number) => join(scene.folder, 'restored', `${contender}-${round}`);
  const milliseconds = await timeInTurn(rounds, {
    bare: {
      settle: writeBack,
      run: async (round) => {
        const worktreeDir = dirOf('bare', round);
        await plainGit(mirrorDir, [
          'worktree',
          'add',
          '--quiet',
          '-b',
          `bare-${round}`,
          worktreeDir,
          baseSha,
        ]);
        await plainGit(worktreeDir, ['apply', '--binary', '-'], gunzipSync(patch.data));
      },
    },
    restore: {
      settle: writeBack,
      run: (round) =>
        restoreWorktree({
          mirrorDir,
          worktreeDir: dirOf('restore', round),
          shadowDir: `${dirOf('restore', round)}.shadow`,
          branchName: `restore-${round}`,
          baseSha: state.baseSha,
          treeSha: state.treeSha,
          patch,
          maxUncompressedBytes: MAX_UNCOMPRESSED_BYTES,
        }),
    },
  });
  return { restore: summarize(milliseconds.restore), bare: summarize(milliseconds.bare) };
}
