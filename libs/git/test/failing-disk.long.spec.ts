import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mayMountDisks, mountFailingDisk, type FailingDisk } from '../testing/failing-disk.js';
import { makeSite, write, type Site } from '../testing/repositories.js';
import { capture, restore } from '../testing/round-trip.js';

/** Git reads a small file, and maps a large one into its memory, where an error of the disk is a SIGBUS. */
const SMALL_BYTES = 28_000;
const LARGE_BYTES = 1_500_000;

const describeWithDisk = mayMountDisks() ? describe : describe.skip;

describeWithDisk('a disk that fails under a part of the files', () => {
  let site: Site;
  let disk: FailingDisk;
  beforeEach(() => {
    site = makeSite();
    disk = mountFailingDisk(join(site.workDir, 'disk'), join(site.dir, 'image'));
  });
  afterEach(() => {
    disk.unmount();
    site.remove();
  });

  const names = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `disk/${kind}${at}`);

  function isLost(path: string): boolean {
    try {
      readFileSync(join(site.workDir, path));
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'EIO' });
      return true;
    }
  }

  it('costs none of the others, and they are named as io-error', async () => {
    const paths = [...names('large', 15), ...names('small', 84)];
    for (const path of paths) {
      write(site.workDir, path, randomBytes(path.includes('large') ? LARGE_BYTES : SMALL_BYTES));
    }
    write(site.workDir, 'src/a.txt', 'the real work\n');
    disk.loseHalf();
    const captured = await capture(site);

    const lost = paths.filter(isLost);
    for (const kind of ['large', 'small']) expect(lost.join()).toContain(kind);
    expect(lost.length).toBeLessThan(paths.length);
    const reasons = Object.fromEntries(captured.omissions.map(({ path, reason }) => [path, reason]));
    expect(reasons).toEqual(Object.fromEntries(lost.map((path) => [path, 'io-error'])));
    const { worktreeDir } = await restore(site, captured);
    for (const path of ['src/a.txt', ...paths.filter((each) => !lost.includes(each))])
      expect(readFileSync(join(worktreeDir, path)).equals(readFileSync(join(site.workDir, path)))).toBe(true);
  });
});
