import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CaptureProgress } from '../src/staging/progress-meter.js';
import { whileGitRefuses } from '../testing/refusing-git.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture } from '../testing/round-trip.js';

describe('the progress of a capture', () => {
  let site: Site;
  let told: CaptureProgress[];
  beforeEach(() => {
    site = makeSite({ 'tracked.txt': 'tracked\n', 'same.txt': 'same\n' });
    told = [];
  });
  afterEach(() => site.remove());

  const realGit = (): string => execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  const onProgress = (progress: CaptureProgress): void => void told.push(progress);

  /** 1,000 files of 10 bytes each, one with line breaks in its name, and a tracked one of 7 bytes. */
  function makeWork(): void {
    for (let at = 0; at < 999; at += 1) write(site.workDir, `new/${at}.txt`, '123456789\n');
    write(site.workDir, 'new/\nline\nbreaks', '123456789\n');
    write(site.workDir, 'tracked.txt', 'edited\n');
  }

  it('counts files looked at, and files and bytes hashed, from nothing to all', async () => {
    makeWork();
    await capture(site, { onProgress });
    expect(told[0]).toEqual({ filesSeen: 0, filesToHash: null, filesHashed: 0, bytesHashed: 0 });
    expect(told.at(-1)).toEqual({
      filesSeen: 1001,
      filesToHash: 1001,
      filesHashed: 1001,
      bytesHashed: 10_007,
    });
    const hashed = told.map(({ filesHashed }) => filesHashed);
    expect(hashed).toEqual(hashed.toSorted((one, other) => one - other));
    expect(new Set(hashed).size).toBe(1002);
    // By one call, which notes the times of the files: nothing had to be hashed from a copy.
    expect(git(site.workDir, `--git-dir=${site.shadowDir}`, '--work-tree=.', 'diff-files')).toBe('');
  });

  it('counts only what changed, the next time', async () => {
    makeWork();
    await capture(site);
    write(site.workDir, 'new/5.txt', 'edited again\n');
    await capture(site, { onProgress });
    expect(told.at(-1)).toMatchObject({ filesToHash: 1, filesHashed: 1, bytesHashed: 13 });
  });

  it.each([
    ['before it does anything', ''],
    ['after it has hashed the others', 'git "$@" < "$paths"'],
  ])('counts each file once where git refuses one of them %s', async (_, before) => {
    makeWork();
    write(site.workDir, 'odd.txt', 'from a copy\n');
    const says = 'fatal: confused by unstable object source data';
    await whileGitRefuses(
      site.dir,
      { words: 'odd', says, before: before.replace('git', realGit()) },
      async () => {
        await capture(site, { onProgress });
      },
    );
    expect(told.at(-1)).toMatchObject({ filesToHash: 1002, filesHashed: 1002, bytesHashed: 10_019 });
  });
});
