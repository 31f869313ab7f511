import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { gitStartedBy } from '../testing/logging-git.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture } from '../testing/round-trip.js';

const ASKING = 'check-ignore';
const realNow = Date.now.bind(Date);

/**
 * An untracked file that a capture has added stays in the next one unless a rule ignores it by now. Git is
 * asked for that only where a rule may have changed.
 */
describe('an added file is left out as soon as it is ignored', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite({ 'readme.md': 'hello\n' });
    git(site.workDir, 'config', 'core.excludesFile', join(site.dir, 'of-the-user'));
    write(site.dir, 'of-the-user', '*.swp\n');
    write(site.workDir, 'folder/deep/notes.txt', 'notes\n');
    write(site.workDir, 'kept.txt', 'kept\n');
  });
  afterEach(() => {
    jest.restoreAllMocks();
    site.remove();
  });

  /** Captures begin this much later than they do: rules that changed a moment ago are not relied upon. */
  const later = (seconds: number) =>
    jest.spyOn(Date, 'now').mockImplementation(() => realNow() + seconds * 1000);

  const captureAndListGit = () => gitStartedBy(site.dir, () => capture(site));
  const capturedFiles = async () => {
    const { treeSha } = await capture(site);
    return git(site.shadowDir, 'ls-tree', '-r', '--name-only', treeSha).split('\n');
  };

  const rule = (path: string, rules: string) => () => write(site.workDir, path, rules);
  const changes: [string, () => void][] = [
    ['in the top folder', rule('.gitignore', 'notes.txt\n')],
    ['in the folder of the file', rule('folder/deep/.gitignore', '*\n')],
    ['in a folder between', rule('folder/.gitignore', 'deep/\n')],
    ["in the repository's own list", rule('.git/info/exclude', 'notes.txt\n')],
    ["in the user's file", () => write(site.dir, 'of-the-user', 'folder/\n')],
    ['in .patchpointignore', rule('.patchpointignore', 'folder\n')],
    [
      'in another file of the user',
      () => {
        write(site.dir, 'another', 'notes.txt\n');
        git(site.workDir, 'config', 'core.excludesFile', join(site.dir, 'another'));
      },
    ],
  ];

  it.each(changes)('by a rule %s', async (_, change) => {
    later(10);
    expect(await capturedFiles()).toContain('folder/deep/notes.txt');
    expect(await captureAndListGit()).not.toContain(ASKING);
    change();
    const files = await capturedFiles();
    expect(files).not.toContain('folder/deep/notes.txt');
    expect(files).toContain('kept.txt');
  });

  it('by a rule that another one, now gone, took back', async () => {
    write(site.workDir, '.gitignore', 'notes.txt\n');
    write(site.workDir, 'folder/.gitignore', '!notes.txt\n');
    later(10);
    expect(await capturedFiles()).toContain('folder/deep/notes.txt');
    expect(await captureAndListGit()).not.toContain(ASKING);
    rmSync(join(site.workDir, 'folder/.gitignore'));
    expect(await capturedFiles()).not.toContain('folder/deep/notes.txt');
  });

  it('when it was included, and is not any more', async () => {
    write(site.workDir, '.gitignore', 'notes.txt\n');
    write(site.workDir, '.worktreeinclude', 'notes.txt\n');
    later(10);
    expect(await capturedFiles()).toContain('folder/deep/notes.txt');
    rmSync(join(site.workDir, '.worktreeinclude'));
    expect(await capturedFiles()).not.toContain('folder/deep/notes.txt');
  });

  it.each<[string, () => void]>([
    ['a rule has just changed', rule('folder/.gitignore', '*.log\n')],
    ['a folder may just have lost one', () => mkdirSync(join(site.workDir, 'folder/empty'))],
  ])('and git is asked once more where %s', async (_, change) => {
    later(10);
    await capture(site);
    expect(await captureAndListGit()).not.toContain(ASKING);
    await setTimeout(20); // the time of a file is up to 4 ms behind the clock
    const changedAt = realNow() - 10;
    change();
    jest.spyOn(Date, 'now').mockReturnValue(changedAt + 2000);
    await capture(site);
    expect(await captureAndListGit()).toContain(ASKING);
    later(10);
    await capture(site);
    expect(await captureAndListGit()).not.toContain(ASKING);
  });
});
