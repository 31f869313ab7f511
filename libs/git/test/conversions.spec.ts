import { lutimesSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { captureWorktree } from '../src/capture/capture-worktree.js';
import { commitWip } from '../src/capture/commit-wip.js';
import { computeTreeSha } from '../src/shadow/compute-tree-sha.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, expectRoundTrip, listing, restore } from '../testing/round-trip.js';

/** Keeps the size of what it filters, so that sizes alone do not tell. */
const SAME_SIZE_FILTER = 'tr a-z A-Z';

describe('files that git converts when it stores them come back as they lay on disk', () => {
  let site: Site;
  afterEach(() => site.remove());

  describe.each(['* text=auto', '* text=auto eol=lf', '* text eol=crlf', '*.txt ident text'])(
    'under the attributes %s',
    (attributes) => {
      const begin = (): void => {
        site = makeSite({
          '.gitattributes': `${attributes}\n`,
          'kept.txt': 'one\ntwo\n',
          'old.txt': 'old\n',
        });
        write(site.workDir, 'crlf.txt', '$Id: mine $\r\none\r\ntwo\r\n');
        write(site.workDir, 'lf.txt', '$Id$\none\ntwo\n');
        write(site.workDir, 'old.txt', '$Id: mine $\r\nnew\r\n');
      };

      it('staged', async () => {
        begin();
        git(site.workDir, 'add', '-A');
        await expectRoundTrip(site);
      });

      it('committed', async () => {
        begin();
        git(site.workDir, 'add', '-A');
        git(site.workDir, 'commit', '-qm', 'converted on its way in');
        await expectRoundTrip(site);
      });

      it('committed by a WIP commit between two captures', async () => {
        begin();
        const before = await capture(site);
        await commitWip({
          worktreeDir: site.workDir,
          message: 'wip',
          push: false,
          identity: { name: 'Ada', email: 'ada@example.com' },
        });
        const { captured } = await expectRoundTrip(site);
        expect(captured.treeSha).toBe(before.treeSha);
      });

      it('unchanged when captured again, also after the index was written anew', async () => {
        begin();
        git(site.workDir, 'add', '-A');
        const first = await capture(site);
        expect(await captureAgain(site, first)).toBe('unchanged');
        rmSync(join(site.workDir, '.git/index'));
        git(site.workDir, 'add', '-A');
        expect(await captureAgain(site, first)).toBe('unchanged');
        const request = { worktreeDir: site.workDir, shadowDir: join(site.dir, 'fresh.git') };
        expect(await computeTreeSha({ ...request, baseSha: first.baseSha })).toBe(first.treeSha);
      });
    },
  );

  it.each(['true', 'input'])('with core.autocrlf=%s only where it was captured', async (autocrlf) => {
    site = makeSite();
    git(site.workDir, 'config', 'core.autocrlf', autocrlf);
    write(site.workDir, 'staged.txt', 'one\r\ntwo\r\n');
    write(site.workDir, 'src/a.txt', 'changed\r\n');
    git(site.workDir, 'add', '-A');
    await expectRoundTrip(site);
    git(site.workDir, 'commit', '-qm', 'converted');
    await expectRoundTrip(site);
  });

  it('through a filter that keeps the size', async () => {
    site = makeSite({ '.gitattributes': '*.secret filter=upper\n', 'old.secret': 'OLD\n' });
    git(site.workDir, 'config', 'filter.upper.clean', SAME_SIZE_FILTER);
    write(site.workDir, 'new.secret', 'lower case\n');
    write(site.workDir, 'old.secret', 'changed\n');
    git(site.workDir, 'add', '-A');
    expect(git(site.workDir, 'show', ':new.secret')).toBe('LOWER CASE');
    await expectRoundTrip(site);
    git(site.workDir, 'commit', '-qm', 'filtered');
    await expectRoundTrip(site);
  });

  it.each([['nobody'], ['two']])('under a name of two lines, where there is a file %s', async (name) => {
    site = makeSite({ '.gitattributes': '* text=auto\n', one: 'same\n' });
    write(site.workDir, name, 'another\n');
    write(site.workDir, 'one\ntwo', 'same\r\n');
    lutimesSync(join(site.workDir, 'one\ntwo'), 1, 1); // so old that the index vouches for it
    git(site.workDir, 'add', 'one\ntwo');
    await expectRoundTrip(site);
  });

  it('in another encoding', async () => {
    site = makeSite({ '.gitattributes': '*.txt text working-tree-encoding=UTF-16LE\n' });
    write(site.workDir, 'wide.txt', Buffer.from('wide\r\n', 'utf16le'));
    git(site.workDir, 'add', '-A');
    git(site.workDir, 'commit', '-qm', 'encoded');
    await expectRoundTrip(site);
  });

  it('when the base moves on between two captures', async () => {
    site = makeSite({ '.gitattributes': '* text eol=crlf\n', 'a.txt': 'one\n' });
    write(site.workDir, 'b.txt', 'one\r\ntwo\r\n');
    git(site.workDir, 'add', '-A');
    git(site.workDir, 'commit', '-qm', 'converted');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    expect((await capture(site)).clean).toBe(true);
    git(site.workDir, 'update-ref', 'refs/remotes/origin/main', 'HEAD~1');
    const captured = await capture(site);
    expect(captured.filesChanged).toBe(1);
    const restored = await restore(site, captured);
    expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
  });

  it('with the same status: the same text with other line ends is no modification', async () => {
    site = makeSite({ '.gitattributes': '* text=auto\n', 'a.txt': 'one\ntwo\n' });
    write(site.workDir, 'a.txt', 'one\r\ntwo\r\n');
    expect(git(site.workDir, 'diff', '--stat')).toBe('');
    const { restored } = await expectRoundTrip(site);
    expect(git(restored.worktreeDir, 'diff', '--stat')).toBe('');
    expect(git(restored.worktreeDir, 'status', '--short')).toBe('');
  });

  it('but what does not differ from the base is as a checkout of it makes it there', async () => {
    site = makeSite({ 'a.txt': 'one\ntwo\n', 'b.txt': 'b\n' });
    rmSync(site.workDir, { recursive: true });
    git(site.dir, 'clone', '-q', '-c', 'core.autocrlf=true', site.originUrl, site.workDir);
    write(site.workDir, 'b.txt', 'changed\r\n');
    const captured = await capture(site);
    expect(captured.filesChanged).toBe(1);
    const { worktreeDir } = await restore(site, captured);
    expect(listing(worktreeDir)).not.toBe(listing(site.workDir));
    expect(git(worktreeDir, 'hash-object', '--no-filters', 'a.txt')).toBe(
      git(site.originDir, 'rev-parse', 'main:a.txt'),
    );
  });
});

async function captureAgain(
  site: Site,
  previous: { treeSha: string; headSha: string | null; baseSha: string },
): Promise<string> {
  const { outcome } = await captureWorktree({
    worktreeDir: site.workDir,
    shadowDir: site.shadowDir,
    anchorRef: 'refs/patchpoint/task/2',
    maxPatchBytes: 1_000_000,
    makePatch: true,
    previous,
  });
  return outcome;
}
