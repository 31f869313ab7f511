import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { git } from '../../testing/repositories.js';
import type { ObjectFormat } from '../values/sha.js';
import { anchorTree } from './anchor-tree.js';
import { openShadow } from './shadow.js';

const ANCHOR = 'refs/patchpoint/some-task/7';

describe('an anchor, which is written without git', () => {
  it.each<ObjectFormat>(['sha1', 'sha256'])(
    'is the commit that git would make (%s)',
    async (objectFormat) => {
      const { gitDir, treeSha, headSha } = await makeShadow(objectFormat);
      await anchorTree({ gitDir, treeSha, headSha, anchorRef: ANCHOR });
      await anchorTree({ gitDir, treeSha, headSha: null, anchorRef: `${ANCHOR}0` });
      expect(inGit(gitDir, 'rev-parse', ANCHOR)).toBe(
        commitByGit(gitDir, treeSha, 1234567890, '-p', headSha),
      );
      expect(inGit(gitDir, 'rev-parse', `${ANCHOR}0`)).toBe(commitByGit(gitDir, treeSha, 0));
      expect(inGit(gitDir, 'fsck', '--strict', '--no-dangling')).toBe('');
    },
  );

  it('replaces another one under its name, also after a kill', async () => {
    const { gitDir, treeSha, headSha } = await makeShadow('sha1');
    await anchorTree({ gitDir, treeSha, headSha: null, anchorRef: ANCHOR });
    writeFileSync(join(gitDir, `${ANCHOR}.lock`), 'half a');
    await anchorTree({ gitDir, treeSha, headSha, anchorRef: ANCHOR });
    expect(inGit(gitDir, 'for-each-ref', '--format=%(refname) %(parent)')).toBe(`${ANCHOR} ${headSha}`);
  });
});

async function makeShadow(objectFormat: ObjectFormat) {
  const dir = temporaryFolder();
  const { gitDir } = await openShadow({
    shadowDir: join(dir, 'shadow'),
    worktreeDir: join(dir, 'worktree'),
    alternates: [],
    objectFormat,
  });
  writeFileSync(join(dir, 'file.txt'), 'content\n');
  inGit(gitDir, `--work-tree=${dir}`, 'add', '--', join(dir, 'file.txt'));
  const treeSha = inGit(gitDir, 'write-tree');
  return { gitDir, treeSha, headSha: commitByGit(gitDir, treeSha, 1234567890) };
}

function commitByGit(gitDir: string, treeSha: string, seconds: number, ...parent: string[]): string {
  const identity = ['AUTHOR', 'COMMITTER'].map((role) => ({
    [`GIT_${role}_NAME`]: 'Patchpoint',
    [`GIT_${role}_EMAIL`]: 'patchpoint@localhost',
    [`GIT_${role}_DATE`]: `@${seconds} +0000`,
  }));
  const env = { PATH: process.env['PATH'], ...identity[0], ...identity[1] };
  const message = ['-m', 'Captured state of a worktree'];
  const args = [`--git-dir=${gitDir}`, 'commit-tree', ...parent, ...message, treeSha];
  return execFileSync('git', args, { env, encoding: 'utf8' }).trimEnd();
}

function inGit(gitDir: string, ...args: string[]): string {
  return git('/', `--git-dir=${gitDir}`, ...args);
}
