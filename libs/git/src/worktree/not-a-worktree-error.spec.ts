import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asNobody } from '../../testing/as-nobody.js';
import { git, makeTempDir } from '../../testing/repositories.js';
import { describeWorktree } from './describe-worktree.js';
import { NotAWorktreeError, type WorktreeFault } from './not-a-worktree-error.js';

/** Each with git's own words where git was asked, and advice that is right for it. */
describe('a folder that is not the top of a worktree', () => {
  let dir: string;
  let remove: () => void;
  beforeEach(() => {
    ({ dir, remove } = makeTempDir());
  });
  afterEach(() => remove());

  const inDir = (path: string): string => join(dir, path);

  function repository(name: string, ...options: string[]): string {
    git(dir, 'init', '--quiet', ...options, name);
    return inDir(name);
  }

  async function refusal(folder: string): Promise<NotAWorktreeError> {
    const error: unknown = await describeWorktree(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NotAWorktreeError);
    return error as NotAWorktreeError;
  }

  it.each<[string, () => string, { fault: WorktreeFault; nextStep?: unknown }, RegExp]>([
    [
      'nothing is there',
      () => inDir('none'),
      { fault: 'no-folder', nextStep: 'Check the path.' },
      /no such folder/,
    ],
    [
      'it is a file',
      () => {
        writeFileSync(inDir('file'), '');
        return inDir('file');
      },
      { fault: 'no-folder' },
      /it is no folder/,
    ],
    [
      'no repository is around it',
      () => {
        mkdirSync(inDir('plain'));
        return inDir('plain');
      },
      { fault: 'no-repository', nextStep: 'Name the top folder of a git worktree.' },
      /git said: fatal: not a git repository \(or any/,
    ],
    [
      'its .git is damaged',
      () => {
        rmSync(join(repository('damaged'), '.git/HEAD'));
        return inDir('damaged');
      },
      { fault: 'unusable', nextStep: expect.stringContaining('`git status` must work') },
      /git said: fatal: not a git repository/,
    ],
    [
      'the .git above it is damaged',
      () => {
        rmSync(join(repository('damaged'), '.git/HEAD'));
        mkdirSync(inDir('damaged/sub'));
        return inDir('damaged/sub');
      },
      { fault: 'unusable' },
      /git said: fatal: not a git repository/,
    ],
    [
      'its configuration is damaged',
      () => {
        writeFileSync(join(repository('config'), '.git/config'), '[core');
        return inDir('config');
      },
      { fault: 'unusable', nextStep: expect.stringContaining('must work') },
      /git said: fatal: bad config line/,
    ],
    [
      'its .git is a file that says nothing',
      () => {
        mkdirSync(inDir('pointer'));
        writeFileSync(inDir('pointer/.git'), 'nonsense');
        return inDir('pointer');
      },
      { fault: 'unusable' },
      /git said: fatal: invalid gitfile format/,
    ],
    [
      'it is a bare repository',
      () => repository('bare.git', '--bare'),
      { fault: 'unusable', nextStep: expect.stringContaining('name a worktree of it') },
      /git said: fatal: this operation must be run in a work tree/,
    ],
    [
      'its files are said to be elsewhere',
      () => {
        git(repository('elsewhere'), 'config', 'core.worktree', inDir('gone'));
        return inDir('elsewhere');
      },
      { fault: 'unusable', nextStep: expect.stringContaining('core.worktree') },
      /git says that is .*gone/,
    ],
  ])('is refused where %s', async (_, make, expected, words) => {
    const error = await refusal(make());
    expect(error).toMatchObject({ code: 'NOT_A_WORKTREE', ...expected });
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('git init');
  });

  it('is told its top where it is inside a worktree', async () => {
    mkdirSync(join(repository('work'), 'sub'));
    expect(await refusal(inDir('work/sub'))).toMatchObject({
      fault: 'not-the-top',
      nextStep: `Name that one: ${inDir('work')}.`,
    });
  });

  it('is mended by the advice where its main repository was moved', async () => {
    git(repository('main'), 'commit', '--quiet', '--allow-empty', '--message=first');
    git(inDir('main'), 'worktree', 'add', '--quiet', inDir('linked'));
    renameSync(inDir('main'), inDir('moved'));
    const error = await refusal(inDir('linked'));
    expect(error).toMatchObject({
      fault: 'unusable',
      nextStep: expect.stringContaining('`git worktree repair` there'),
    });
    expect(error.message).toContain(
      `git said: fatal: not a git repository: ${inDir('main/.git/worktrees/linked')}`,
    );
    git(inDir('moved'), 'worktree', 'repair');
    expect(await describeWorktree(inDir('linked'))).toMatchObject({ commonDir: inDir('moved/.git') });
  });

  it('is not refused for having another owner', async () => {
    const worktreeDir = repository('foreign');
    await asNobody(worktreeDir, async () => undefined); // theirs from now on, where we are root
    expect(await describeWorktree(worktreeDir)).toMatchObject({ worktreeDir });
  });
});
