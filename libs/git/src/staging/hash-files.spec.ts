import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { git, makeSite, write, type Site } from '../../testing/repositories.js';
import { whileGitRefuses } from '../../testing/refusing-git.js';
import { hashAllFiles, hashFiles } from './hash-files.js';

describe('hashFiles', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
  });
  afterEach(() => site.remove());

  const index = () => ({ gitDir: join(site.workDir, '.git'), workTree: site.workDir });
  const bytes = (...paths: string[]): Buffer[] => paths.map((path) => Buffer.from(path));
  const hash = async (...paths: string[]) => {
    const { kept, removed, omissions } = await hashFiles(index(), bytes(...paths));
    return { kept: kept.map(String), removed: removed.map(String), omissions };
  };
  const staged = (path: string): string => git(site.workDir, 'show', `:${path}`);
  const isStaged = (path: string): boolean => git(site.workDir, 'ls-files', '--', path) !== '';
  const NOTHING_SPECIAL = { kept: [], removed: [], omissions: [] };
  const UNSTABLE = 'fatal: confused by unstable object source data';

  it('takes what git refuses among others from a private copy, and leaves none behind', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `${at % 7 === 3 ? 'odd' : 'fine'}${at}.txt`);
    for (const name of names) write(site.workDir, name, `${name}\n`);
    chmodSync(join(site.workDir, 'odd3.txt'), 0o755);
    await whileGitRefuses(site.dir, { words: 'odd', says: UNSTABLE }, async () => {
      expect(await hash(...names)).toEqual(NOTHING_SPECIAL);
    });
    for (const name of names) expect(staged(name)).toBe(name);
    expect(git(site.workDir, 'ls-files', '-s', 'odd3.txt')).toMatch(/^100755 /);
    expect(existsSync(join(site.workDir, '.git/patchpoint-copy'))).toBe(false);
  });

  it('tries a file again, which may work', async () => {
    write(site.workDir, 'odd.txt', 'x\n');
    write(site.workDir, 'fine.txt', 'x\n');
    // Refuses in the batch, in its half, and once alone.
    const flag = join(site.dir, 'refusals');
    const before = `echo >> ${flag}; if [ $(wc -l < ${flag}) -gt 2 ]; then exec ${realGit()} "$@" < "$paths"; fi`;
    await whileGitRefuses(site.dir, { words: 'odd', says: UNSTABLE, before }, async () => {
      expect(await hash('odd.txt', 'fine.txt')).toEqual(NOTHING_SPECIAL);
    });
    // With file times, which a copy does not have: the next look need not hash it again.
    expect(git(site.workDir, 'diff-files', '--name-only')).toBe('');
    expect(staged('odd.txt')).toBe('x');
  });

  const realGit = (): string => execFileSync('which', ['git'], { encoding: 'utf8' }).trim();

  it('keeps what is in the index when a file is gone, or no file, before it can be copied', async () => {
    write(site.workDir, 'src/a.txt', 'edited\n');
    const before = `mv ${site.workDir}/src/a.txt ${site.dir}/; mkdir ${site.workDir}/src/a.txt`;
    await whileGitRefuses(
      site.dir,
      { words: 'a.txt', says: UNSTABLE, before: `${before} 2>/dev/null` },
      async () => {
        expect(await hash('src/a.txt', 'readme.md')).toMatchObject({
          removed: ['src/a.txt'],
          omissions: [{ path: 'src/a.txt', reason: 'changing' }],
        });
      },
    );
    expect(isStaged('src/a.txt')).toBe(false);
  });

  it('passes over what has become a fifo, a folder or a folder behind a link since it was listed', async () => {
    execFileSync('mkfifo', [join(site.workDir, 'pipe')]);
    mkdirSync(join(site.workDir, 'folder'));
    rmSync(join(site.workDir, 'src'), { recursive: true });
    write(site.dir, 'elsewhere/a.txt', 'not of this worktree\n');
    symlinkSync('../elsewhere', join(site.workDir, 'src'));
    symlinkSync('nowhere', join(site.workDir, 'link'));
    write(site.workDir, 'new.txt', 'new\n');
    const { kept, removed, omissions } = await hash('pipe', 'folder', 'gone', 'link', 'src/a.txt', 'new.txt');
    expect(kept).toEqual([]);
    expect(removed.toSorted()).toEqual(['folder', 'pipe', 'src/a.txt']);
    expect(omissions.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'folder', reason: 'changing' },
      { path: 'src/a.txt', reason: 'changing' },
    ]);
    expect(git(site.workDir, 'ls-files').split('\n')).toEqual(['link', 'new.txt', 'readme.md']);
  });

  it('still records the commit of a submodule, whose path is a folder', async () => {
    git(site.workDir, 'init', '-q', 'sub');
    git(join(site.workDir, 'sub'), 'commit', '-q', '--allow-empty', '-m', 'inner');
    execFileSync('mkfifo', [join(site.workDir, 'pipe')]);
    expect(await hash('sub', 'pipe')).toMatchObject({ removed: ['pipe'], omissions: [] });
    expect(git(site.workDir, 'ls-files', '-s', 'sub')).toMatch(/^160000 /);
  });

  it('names a path that nobody can look at, in the words of the system', async () => {
    const deep = Array.from({ length: 20 }, () => 'n'.repeat(250)).join('/');
    write(site.workDir, 'new.txt', 'new\n');
    expect(await hash(deep, 'new.txt')).toEqual({
      kept: [deep],
      removed: [],
      omissions: [{ path: deep.slice(0, 4096), reason: 'unknown: ENAMETOOLONG: name too long' }],
    });
    expect(isStaged('new.txt')).toBe(true);
  });

  it('fails where the store fails, and does not take that for the fault of each file', async () => {
    write(site.workDir, 'new.txt', 'new\n');
    writeFileSync(join(site.workDir, '.git/index.lock'), '');
    await expect(hash('new.txt')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    rmSync(join(site.workDir, '.git/index.lock'));
    writeFileSync(join(site.workDir, '.git/index'), 'no index');
    await expect(hash('new.txt')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    const says = 'error: file write error: No space left on device';
    await whileGitRefuses(site.dir, { words: 'new', says }, async () => {
      await expect(hash('new.txt')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    });
  });

  it('goes on when a mapped file that was cut off has killed git, which leaves its lock', async () => {
    write(site.workDir, 'odd.txt', 'x\n');
    write(site.workDir, 'fine.txt', 'x\n');
    const before = `touch ${site.workDir}/.git/index.lock; kill -BUS $$`;
    await whileGitRefuses(site.dir, { words: 'odd', says: '', before }, async () => {
      expect(await hash('odd.txt', 'fine.txt')).toEqual(NOTHING_SPECIAL);
    });
    expect([staged('odd.txt'), staged('fine.txt')]).toEqual(['x', 'x']);
  });

  it('leaves nothing out where all is asked for', async () => {
    mkdirSync(join(site.workDir, 'folder'));
    await expect(hashAllFiles(index(), bytes('folder'))).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});
