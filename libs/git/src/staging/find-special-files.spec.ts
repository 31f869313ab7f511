import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { makeSite, write, type Site } from '../../testing/repositories.js';
import { expectRoundTrip } from '../../testing/round-trip.js';

describe('the look for sockets and the like', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite({ 'a/folder/inner': 'a file\n' });
  });
  afterEach(() => site.remove());

  // Found by the property test, seed 2002.
  it('does not follow a link that took the place of a folder', async () => {
    rmSync(join(site.workDir, 'a'), { recursive: true });
    symlinkSync('.', join(site.workDir, 'a'));
    write(site.workDir, 'folder/inner/file.txt', 'seen as a/folder/inner too\n');
    await expectRoundTrip(site);
  });
});
