import { realpathSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { temporaryFolder } from '#testing';
import type { CliError } from '../../errors/cli-error.js';
import { readWatched } from './read-watched.js';

describe('readWatched', () => {
  it('refuses what nobody should watch', async () => {
    await expect(readWatched('/', undefined)).rejects.toMatchObject({ code: 'UNSAFE_WORKTREE' });
    await expect(readWatched(homedir(), undefined)).rejects.toMatchObject({ code: 'UNSAFE_WORKTREE' });
    const folder = temporaryFolder();
    await expect(readWatched(folder, undefined)).rejects.toMatchObject({
      code: 'NOT_A_WORKTREE',
      exitCode: 2,
      message: expect.stringContaining('git said: fatal: not a git repository'),
      nextStep: expect.stringContaining('`git init`'),
    });
  });

  it('advises against no repository, where there is one that git cannot use', async () => {
    const folder = realpathSync(temporaryFolder());
    writeFileSync(join(folder, '.git'), 'gitdir: /nowhere/.git/worktrees/moved');
    const error: unknown = await readWatched(folder, undefined).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('git said: fatal: not a git repository: /nowhere'),
      nextStep: expect.stringContaining('git worktree repair'),
    });
    expect((error as CliError).nextStep).not.toContain('git init');
  });

  it('finds folder, source and name', async () => {
    const folder = realpathSync(temporaryFolder());
    execaSync('git', ['init', '--quiet', folder]);
    const name = basename(folder);
    expect(await readWatched(folder, 'mine')).toEqual({
      worktreeDir: folder,
      repoUrl: `new://${name}`,
      name: 'mine',
      defaultName: name,
    });
    execaSync('git', ['remote', 'add', 'origin', 'https://me:secret@example.com/a.git'], { cwd: folder });
    expect(await readWatched(folder, undefined)).toMatchObject({ repoUrl: 'https://example.com/a.git' });
  });
});
