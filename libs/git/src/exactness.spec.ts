import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { computeTreeSha } from './compute-tree-sha.js';
import { git, makeSite, write, type Site } from './testing/repositories.js';
import { capture, expectRoundTrip, listing, MEGABYTE, restore } from './testing/round-trip.js';

const LINE_ENDS = {
  'lf.txt': 'one\ntwo\n',
  'crlf.txt': 'one\r\ntwo\r\n',
  'mixed.txt': 'one\r\ntwo\nthree\r\n',
};

describe('a restored worktree is the lost one', () => {
  let site: Site;
  afterEach(() => site.remove());

  describe('contents', () => {
    it('LF, CRLF and mixed line ends', async () => {
      site = makeSite(LINE_ENDS);
      for (const name of Object.keys(LINE_ENDS)) appendFileSync(join(site.workDir, name), 'four\r\nfive\n');
      for (const [name, text] of Object.entries(LINE_ENDS)) write(site.workDir, `new-${name}`, text);
      await expectRoundTrip(site);
    });

    it.each([
      '* text=auto',
      '* text eol=crlf',
      '* text eol=lf',
      '* -text',
      '*.txt text eol=crlf working-tree-encoding=UTF-16LE',
      '* ident',
    ])('line ends under the attributes %s', async (attributes) => {
      site = makeSite({
        ...LINE_ENDS,
        'other.c': 'int a; /* $Id$ */\n',
        '.gitattributes': `${attributes}\n`,
      });
      write(site.workDir, 'crlf.txt', 'changed\r\nlines\r\n');
      write(site.workDir, 'lf.txt', 'changed\nlines\n');
      write(site.workDir, 'other.c', 'int b; /* $Id$ */\r\n');
      write(site.workDir, 'new.txt', 'new\r\nand\nmixed');
      await expectRoundTrip(site);
    });

    it('attributes that change with the captured state', async () => {
      site = makeSite(LINE_ENDS);
      write(site.workDir, '.gitattributes', '*.txt text eol=crlf\n');
      write(site.workDir, 'lf.txt', 'still\nlf\n');
      await expectRoundTrip(site);
    });

    it.each(['true', 'input'])('core.autocrlf=%s where it is captured', async (autocrlf) => {
      site = makeSite(LINE_ENDS);
      git(site.workDir, 'config', 'core.autocrlf', autocrlf);
      write(site.workDir, 'crlf.txt', 'changed\r\nlines\r\n');
      write(site.workDir, 'lf.txt', 'changed\nlines\n');
      write(site.workDir, 'new.txt', 'new\r\n');
      await expectRoundTrip(site);
    });

    it('no newline at the end of a file', async () => {
      site = makeSite({ 'a.txt': 'one\ntwo\n', 'b.txt': 'one\ntwo' });
      write(site.workDir, 'a.txt', 'one\ntwo');
      write(site.workDir, 'b.txt', 'one\ntwo\n');
      write(site.workDir, 'c.txt', 'only');
      await expectRoundTrip(site);
    });

    it('empty files, and files that became empty', async () => {
      site = makeSite({ 'a.txt': 'one\n', 'b.txt': '' });
      write(site.workDir, 'a.txt', '');
      write(site.workDir, 'b.txt', 'no longer empty\n');
      write(site.workDir, 'c.txt', '');
      await expectRoundTrip(site);
    });

    it('binary files, changed and new', async () => {
      site = makeSite({ 'a.bin': randomBytes(5000), 'b.bin': Buffer.from([0, 1, 2]) });
      write(
        site.workDir,
        'a.bin',
        Buffer.concat([randomBytes(100), readFileSync(join(site.workDir, 'a.bin'))]),
      );
      rmSync(join(site.workDir, 'b.bin'));
      write(site.workDir, 'c.bin', randomBytes(5000));
      await expectRoundTrip(site);
    });

    it('files over 10 MB', async () => {
      site = makeSite();
      write(site.workDir, 'random.bin', randomBytes(11 * MEGABYTE));
      write(site.workDir, 'text.txt', 'a line of text\n'.repeat(800_000));
      await expectRoundTrip(site);
    });

    it('an edit of the same size that a copy of the index made later would hide', async () => {
      site = makeSite({ 'a.txt': 'aaaa\n' });
      const file = join(site.workDir, 'a.txt');
      const index = join(site.workDir, '.git/index');
      const earlier = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);
      // Git compares whole seconds, of the change time too: both edits have to fall into one.
      const secondOfChange = (): number => Math.floor(statSync(file).ctimeMs / 1000);
      let second: number;
      do {
        writeFileSync(file, 'aaaa\n');
        utimesSync(file, earlier, earlier);
        second = secondOfChange();
        git(site.workDir, 'update-index', '--refresh');
        writeFileSync(file, 'bbbb\n');
        utimesSync(file, earlier, earlier);
      } while (secondOfChange() !== second);
      utimesSync(index, earlier, earlier);
      expect((await capture(site)).filesChanged).toBe(1);
    });
  });

  describe('modes and links', () => {
    it('a change of the executable bit alone', async () => {
      site = makeSite();
      chmodSync(join(site.workDir, 'src/a.txt'), 0o755);
      const { captured } = await expectRoundTrip(site);
      expect(captured).toMatchObject({ filesChanged: 1, linesAdded: 0, linesRemoved: 0 });
    });

    it('the executable bit where core.fileMode is off', async () => {
      site = makeSite();
      git(site.workDir, 'config', 'core.fileMode', 'false');
      chmodSync(join(site.workDir, 'src/a.txt'), 0o755);
      await expectRoundTrip(site);
    });

    it('links: dangling, absolute, to a folder, retargeted, and removed', async () => {
      site = makeSite();
      symlinkSync('src', join(site.workDir, 'kept'));
      symlinkSync('src', join(site.workDir, 'removed'));
      git(site.workDir, 'add', '-A');
      git(site.workDir, 'commit', '-qm', 'links');
      git(site.workDir, 'push', '-q', 'origin', 'main');
      rmSync(join(site.workDir, 'kept'));
      symlinkSync('readme.md', join(site.workDir, 'kept'));
      rmSync(join(site.workDir, 'removed'));
      symlinkSync('nowhere/at all', join(site.workDir, 'dangling'));
      symlinkSync('/etc/hostname', join(site.workDir, 'absolute'));
      symlinkSync('../src', join(site.workDir, 'src/loop'));
      const { restored } = await expectRoundTrip(site);
      expect(readlinkSync(join(restored.worktreeDir, 'absolute'))).toBe('/etc/hostname');
    });

    it('links where core.symlinks is off', async () => {
      site = makeSite();
      git(site.workDir, 'config', 'core.symlinks', 'false');
      symlinkSync('readme.md', join(site.workDir, 'link'));
      await expectRoundTrip(site);
    });

    it('a file that became a folder', async () => {
      site = makeSite();
      rmSync(join(site.workDir, 'readme.md'));
      write(site.workDir, 'readme.md/inner/file', 'x\n');
      await expectRoundTrip(site);
    });

    it('a folder that became a file', async () => {
      site = makeSite();
      rmSync(join(site.workDir, 'src'), { recursive: true });
      write(site.workDir, 'src', 'a file now\n');
      await expectRoundTrip(site);
    });

    it('a folder that became a link to one that holds the same files', async () => {
      site = makeSite();
      renameSync(join(site.workDir, 'src'), join(site.workDir, 'moved'));
      symlinkSync('moved', join(site.workDir, 'src'));
      write(site.workDir, 'moved/a.txt', 'edited behind the link\n');
      await expectRoundTrip(site);
    });

    it('a file that became a link, and a link that became a file', async () => {
      site = makeSite();
      rmSync(join(site.workDir, 'readme.md'));
      symlinkSync('src/a.txt', join(site.workDir, 'readme.md'));
      await expectRoundTrip(site);
      git(site.workDir, 'commit', '-qam', 'link');
      git(site.workDir, 'push', '-q', 'origin', 'main');
      rmSync(join(site.workDir, 'readme.md'));
      write(site.workDir, 'readme.md', 'a file again\n');
      await expectRoundTrip(site);
    });

    it('untracked files of an earlier capture behind a link that took their folder', async () => {
      site = makeSite();
      write(site.workDir, 'draft/a.txt', 'draft\n');
      await capture(site);
      renameSync(join(site.workDir, 'draft'), join(site.workDir, 'final'));
      symlinkSync('final', join(site.workDir, 'draft'));
      await expectRoundTrip(site);
    });
  });

  describe('names', () => {
    const NAMES = {
      'with a space': 'a file.txt',
      'with quotes': `it's "quoted" \`so\`.txt`,
      'with a tab': 'a\tb.txt',
      'with a newline': 'a\nb\n.txt',
      'with a backslash': 'a\\b.txt',
      'that begins with a dash': '-rf',
      'that begins with a colon': ':(exclude)x',
      'that is a pattern': '*[!a]?.txt',
      'with 4-byte Unicode': '🦜 parrot.txt',
      'with combining characters': 'cafe\u0301.txt',
      'that ends in a space': 'trailing ',
      'with an arrow': 'a => b {c => d}.txt',
      'that looks like a patch': 'b/dev/null',
    };

    it.each(Object.entries(NAMES))('a name %s', async (_, name) => {
      site = makeSite({ 'readme.md': 'x\n', [`tracked/${name}`]: 'tracked\n', [`gone/${name}`]: 'gone\n' });
      write(site.workDir, `tracked/${name}`, 'changed\n');
      write(site.workDir, name, 'new\n');
      rmSync(join(site.workDir, 'gone'), { recursive: true });
      await expectRoundTrip(site);
      write(site.workDir, name, 'changed after a capture\n');
      await expectRoundTrip(site);
    });

    it('a name that is not UTF-8', async () => {
      site = makeSite();
      const name = Buffer.concat([Buffer.from(`${site.workDir}/`), Buffer.from([0x66, 0xfc, 0xff, 0x0a])]);
      writeFileSync(name, 'bytes\n');
      const { restored } = await expectRoundTrip(site);
      const names = readdirSync(Buffer.from(restored.worktreeDir), { encoding: 'buffer' });
      expect(names.some((found) => found.equals(Buffer.from([0x66, 0xfc, 0xff, 0x0a])))).toBe(true);
    });

    it('names that differ only in case', async () => {
      site = makeSite({ 'File.txt': 'one\n', 'file.txt': 'two\n' });
      write(site.workDir, 'FILE.txt', 'three\n');
      write(site.workDir, 'file.txt', 'changed\n');
      await expectRoundTrip(site);
    });

    it('renames, copies and swapped names', async () => {
      site = makeSite({ 'a.txt': 'a\n'.repeat(50), 'b.txt': 'b\n'.repeat(50), 'c.txt': 'c\n'.repeat(50) });
      renameSync(join(site.workDir, 'a.txt'), join(site.workDir, 'x.txt'));
      renameSync(join(site.workDir, 'b.txt'), join(site.workDir, 'a.txt'));
      renameSync(join(site.workDir, 'x.txt'), join(site.workDir, 'b.txt'));
      write(site.workDir, 'copy.txt', readFileSync(join(site.workDir, 'c.txt')));
      renameSync(join(site.workDir, 'c.txt'), join(site.workDir, 'renamed.txt'));
      await expectRoundTrip(site);
    });
  });

  describe('what is there and what is not', () => {
    it('deletions, whole folders too', async () => {
      site = makeSite({ 'keep.txt': 'x', 'gone.txt': 'x', 'folder/a': 'x', 'folder/deep/b': 'x' });
      rmSync(join(site.workDir, 'gone.txt'));
      rmSync(join(site.workDir, 'folder'), { recursive: true });
      await expectRoundTrip(site);
    });

    it('a worktree with everything deleted', async () => {
      site = makeSite();
      rmSync(join(site.workDir, 'readme.md'));
      rmSync(join(site.workDir, 'src'), { recursive: true });
      await expectRoundTrip(site);
    });

    it('10,000 changed files at once', async () => {
      const files: Record<string, string> = {};
      for (let n = 0; n < 10_000; n += 1) files[`d${n % 100}/f${n}.txt`] = `file ${n}\n`;
      site = makeSite(files);
      for (const path of Object.keys(files)) writeFileSync(join(site.workDir, path), `${path} changed\n`);
      const { captured } = await expectRoundTrip(site);
      expect(captured.filesChanged).toBe(10_000);
    }, 300_000);

    it('10,000 new files at once', async () => {
      site = makeSite();
      for (let n = 0; n < 10_000; n += 1) write(site.workDir, `d${n % 100}/f${n}.txt`, `file ${n}\n`);
      const { captured } = await expectRoundTrip(site);
      expect(captured.filesChanged).toBe(10_000);
    }, 300_000);

    it('ignored files are left out, by every kind of ignore rule', async () => {
      site = makeSite({ '.gitignore': '*.log\n', 'readme.md': 'x\n' });
      write(site.workDir, 'a.log', 'ignored\n');
      writeFileSync(join(site.workDir, '.git/info/exclude'), '*.tmp\n');
      write(site.workDir, 'b.tmp', 'ignored\n');
      write(site.dir, 'excludes', '*.swp\n');
      git(site.workDir, 'config', 'core.excludesFile', join(site.dir, 'excludes'));
      write(site.workDir, 'c.swp', 'ignored\n');
      expect(await capture(site)).toMatchObject({ clean: true, filesChanged: 0 });
    });

    it('tracked files that an ignore rule matches', async () => {
      site = makeSite({ '.gitignore': '*.log\n', 'kept.log': 'one\n' });
      write(site.workDir, 'kept.log', 'two\n');
      await expectRoundTrip(site);
    });

    it('force-added ignored files, also when added between two captures', async () => {
      site = makeSite({ '.gitignore': '*.log\n' });
      await capture(site);
      write(site.workDir, 'kept.log', 'kept\n');
      write(site.workDir, 'deep/:odd*.log', 'kept\n');
      git(site.workDir, 'add', '-f', 'kept.log', './deep/:odd*.log');
      const { restored } = await expectRoundTrip(site);
      expect(git(restored.worktreeDir, 'status', '--short')).toContain('kept.log');
    });

    it('a file that was captured as untracked and is ignored since', async () => {
      site = makeSite();
      write(site.workDir, 'cache/big.bin', 'big\n');
      expect((await capture(site)).filesChanged).toBe(1);
      write(site.workDir, '.gitignore', 'cache/\n');
      expect((await capture(site)).filesChanged).toBe(1);
      expect(await freshTree()).toBe((await capture(site)).treeSha);
    });

    it('an untracked file that vanished after a capture', async () => {
      site = makeSite();
      write(site.workDir, 'new.txt', 'new\n');
      await capture(site);
      rmSync(join(site.workDir, 'new.txt'));
      expect(await capture(site)).toMatchObject({ clean: true });
    });

    it('edits of assume-unchanged files', async () => {
      site = makeSite();
      git(site.workDir, 'update-index', '--assume-unchanged', 'src/a.txt');
      write(site.workDir, 'src/a.txt', 'hidden edit\n');
      const { captured } = await expectRoundTrip(site);
      expect(captured.filesChanged).toBe(1);
    });

    it('edits of skip-worktree files', async () => {
      site = makeSite();
      git(site.workDir, 'update-index', '--skip-worktree', 'src/a.txt');
      write(site.workDir, 'src/a.txt', 'hidden edit\n');
      const { captured } = await expectRoundTrip(site);
      expect(captured.filesChanged).toBe(1);
    });

    it.each([[[]], [['--sparse-index']]])(
      'sparse checkouts: what is out of the cone is not deleted %j',
      async (options) => {
        site = makeSite({ 'in/a.txt': 'a\n', 'out/b.txt': 'b\n', 'root.txt': 'r\n' });
        await capture(site);
        git(site.workDir, 'sparse-checkout', 'set', '--cone', ...options, 'in');
        write(site.workDir, 'in/a.txt', 'changed\n');
        const captured = await capture(site);
        expect(captured).toMatchObject({ filesChanged: 1, linesAdded: 1, linesRemoved: 1 });
        const restored = await restore(site, captured);
        expect(readFileSync(join(restored.worktreeDir, 'out/b.txt'), 'utf8')).toBe('b\n');
      },
    );

    it('intent-to-add files', async () => {
      site = makeSite();
      write(site.workDir, 'planned.txt', 'planned\n');
      write(site.workDir, 'dropped.txt', 'dropped\n');
      git(site.workDir, 'add', '-N', 'planned.txt', 'dropped.txt');
      rmSync(join(site.workDir, 'dropped.txt'));
      const { captured } = await expectRoundTrip(site);
      expect(captured.filesChanged).toBe(1);
    });

    it('a split index', async () => {
      site = makeSite();
      git(site.workDir, 'update-index', '--split-index');
      write(site.workDir, 'src/a.txt', 'changed\n');
      git(site.workDir, 'add', '-A');
      write(site.workDir, 'readme.md', 'changed too\n');
      await expectRoundTrip(site);
    });

    it('a worktree whose index is gone', async () => {
      site = makeSite();
      rmSync(join(site.workDir, '.git/index'));
      write(site.workDir, 'src/a.txt', 'changed\n');
      const { captured } = await expectRoundTrip(site);
      expect(captured.filesChanged).toBe(1);
    });

    it('a stale index.lock in the worktree', async () => {
      site = makeSite();
      writeFileSync(join(site.workDir, '.git/index.lock'), '');
      write(site.workDir, 'src/a.txt', 'changed\n');
      await expectRoundTrip(site);
    });

    it('a stale index.lock in the shadow', async () => {
      site = makeSite();
      await capture(site);
      writeFileSync(join(site.shadowDir, 'index.lock'), '');
      write(site.workDir, 'src/a.txt', 'changed\n');
      await expectRoundTrip(site);
    });
  });

  describe('repositories', () => {
    it('SHA-256', async () => {
      site = makeSite(undefined, ['--object-format=sha256']);
      write(site.workDir, 'src/a.txt', 'changed\n');
      const { captured } = await expectRoundTrip(site);
      expect(captured.treeSha).toHaveLength(64);
    });

    it('a shallow clone', async () => {
      site = makeSite();
      addCommits(3);
      recloneWith('--depth=1');
      write(site.workDir, 'src/a.txt', 'changed\n');
      await expectRoundTrip(site);
    });

    it('a shallow clone with a local commit', async () => {
      site = makeSite();
      addCommits(3);
      recloneWith('--depth=1');
      write(site.workDir, 'src/a.txt', 'committed\n');
      git(site.workDir, 'commit', '-qam', 'local');
      write(site.workDir, 'readme.md', 'changed\n');
      await expectRoundTrip(site);
    });

    it('a partial clone, with what it lacks neither fetched nor lost', async () => {
      site = makeSite({ 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' });
      git(site.originDir, 'config', 'uploadpack.allowFilter', 'true');
      recloneWith('--filter=blob:none', '--sparse');
      git(site.workDir, 'sparse-checkout', 'set', 'in');
      write(site.workDir, 'in/a.txt', 'changed\n');
      write(site.workDir, 'out/beside-what-is-missing.txt', 'new\n');
      const missing = (): string => git(site.workDir, 'rev-list', '--objects', '--all', '--missing=print');
      const before = missing();
      const captured = await capture(site);
      expect(missing()).toBe(before);
      expect(captured.filesChanged).toBe(2);
      const restored = await restore(site, captured);
      expect(readFileSync(join(restored.worktreeDir, 'out/b.txt'), 'utf8')).toBe('b\n');
    });

    it('a worktree of a worktree', async () => {
      site = makeSite();
      const linked = join(site.dir, 'linked');
      git(site.workDir, 'worktree', 'add', '-q', '-b', 'one', linked);
      const nested = join(site.dir, 'nested');
      git(linked, 'worktree', 'add', '-q', '-b', 'two', nested);
      write(nested, 'src/a.txt', 'changed\n');
      site = { ...site, workDir: nested };
      const { captured } = await expectRoundTrip(site);
      expect(captured.branchName).toBe('two');
    });

    it('a clone that borrows its objects from another', async () => {
      site = makeSite();
      const borrower = join(site.dir, 'borrower');
      git(site.dir, 'clone', '-q', '--shared', site.workDir, borrower);
      git(borrower, 'remote', 'set-url', 'origin', site.originUrl);
      write(borrower, 'src/a.txt', 'changed\n');
      site = { ...site, workDir: borrower };
      await expectRoundTrip(site);
    });

    it('a detached HEAD', async () => {
      site = makeSite();
      git(site.workDir, 'checkout', '-q', '--detach');
      write(site.workDir, 'src/a.txt', 'changed\n');
      const { captured } = await expectRoundTrip(site);
      expect(captured.branchName).toBeNull();
    });

    it('a replaced object, which a patch must not see', async () => {
      site = makeSite();
      const blob = git(site.workDir, 'rev-parse', 'HEAD:src/a.txt');
      write(site.dir, 'other', 'replacement\n');
      git(site.workDir, 'replace', blob, git(site.workDir, 'hash-object', '-w', join(site.dir, 'other')));
      write(site.workDir, 'src/a.txt', 'changed\n');
      await expectRoundTrip(site);
    });
  });

  describe('an operation in progress is captured as it lies on disk, and reported', () => {
    it.each([
      ['merge', ['merge', 'other']],
      ['rebase', ['rebase', 'other']],
      ['cherry-pick', ['cherry-pick', 'other']],
    ])('%s', async (_, command) => {
      site = makeSite();
      git(site.workDir, 'checkout', '-q', '-b', 'other');
      write(site.workDir, 'src/a.txt', 'theirs\n');
      write(site.workDir, 'theirs.txt', 'theirs\n');
      git(site.workDir, 'rm', '-q', 'readme.md');
      git(site.workDir, 'add', '-A');
      git(site.workDir, 'commit', '-qm', 'theirs');
      git(site.workDir, 'checkout', '-q', 'main');
      write(site.workDir, 'src/a.txt', 'ours\n');
      write(site.workDir, 'readme.md', 'changed here, deleted there\n');
      git(site.workDir, 'commit', '-qam', 'ours');
      expect(() => git(site.workDir, ...command)).toThrow();
      const { captured } = await expectRoundTrip(site);
      expect(captured.omissions).toEqual([{ path: '.', reason: 'operation-in-progress' }]);
    });
  });

  function freshTree(): Promise<string> {
    return computeTreeSha({ worktreeDir: site.workDir, shadowDir: join(site.dir, 'fresh-shadow.git') });
  }

  function addCommits(count: number): void {
    for (let n = 0; n < count; n += 1)
      git(site.workDir, 'commit', '-q', '--allow-empty', '-m', `commit ${n}`);
    git(site.workDir, 'push', '-q', 'origin', 'main');
  }

  function recloneWith(...options: string[]): void {
    rmSync(site.workDir, { recursive: true });
    git(site.dir, 'clone', '-q', ...options, site.originUrl, site.workDir);
  }

  it('what is not in a patch: empty folders', async () => {
    site = makeSite();
    mkdirSync(join(site.workDir, 'empty'));
    const captured = await capture(site);
    expect(captured.clean).toBe(true);
    expect(listing((await restore(site, captured)).worktreeDir)).toBe(listing(site.workDir));
  });
});
