import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureMirror } from '../src/mirror/ensure-mirror.js';
import { makeMarker, type Marker } from '../testing/marker.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, listing, restore } from '../testing/round-trip.js';

/**
 * Where git's own checkout is asked what it makes of the base: with the repository's settings, but not with
 * its programs.
 */
describe.each(['smudge', 'process'])('a %s filter that the base asks for does not run', (kind) => {
  let site: Site;
  let marker: Marker;
  beforeEach(() => {
    site = makeSite({ '.gitattributes': '*.txt text eol=crlf filter=evil\n', 'a.txt': 'base\n' });
    marker = makeMarker(site.dir);
  });
  afterEach(() => site.remove());

  const plant = (gitDir: string): void =>
    appendFileSync(
      join(gitDir, 'config'),
      `[filter "evil"]\n\t${kind} = ${marker.program}\n\trequired = true\n`,
    );

  it('in a capture that compares with a checkout', async () => {
    plant(join(site.workDir, '.git'));
    write(site.workDir, 'a.txt', 'changed\r\n');
    expect((await capture(site)).filesChanged).toBe(1);
    expect(marker.traces()).toBe('');
  });

  it('in a restore of a file that was as in the base, though a local commit had changed it', async () => {
    write(site.workDir, 'a.txt', 'local\r\n');
    git(site.workDir, 'commit', '-qam', 'local');
    write(site.workDir, 'a.txt', 'base\r\n');
    const captured = await capture(site);
    const { mirrorDir } = await ensureMirror({
      mirrorsDir: join(site.dir, 'other-machine', 'mirrors'),
      sourceUrl: site.originUrl,
      allowFileProtocol: true,
    });
    plant(mirrorDir);
    const { worktreeDir } = await restore(site, captured, { fromBundle: true });
    expect(listing(worktreeDir)).toBe(listing(site.workDir));
    expect(marker.traces()).toBe('');
  });
});
