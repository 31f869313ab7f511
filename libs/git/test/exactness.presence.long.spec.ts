import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { computeTreeSha } from '../src/shadow/compute-tree-sha.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, expectRoundTrip, listing, restore } from '../testing/round-trip.js';

describe('a restored worktree is the lost one: what is there and what is not', () => {
  let site: Site;
  afterEach(() => site.remove());

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
    for (let n = 0; n < 3_000; n += 1) files[`d${n % 100}/f${n}.txt`] = `file ${n}\n`;
    site = makeSite(files);
    for (const path of Object.keys(files).slice(0, 2_000)) {
      writeFileSync(join(site.workDir, path), `${path} changed\n`);
    }
    for (let n = 0; n < 8_000; n += 1) {
      writeFileSync(join(site.workDir, `d${n % 100}/new-${n}.txt`), `new ${n}\n`);
    }
    const { captured } = await expectRoundTrip(site);
    expect(captured.filesChanged).toBe(10_000);
  }, 300_000);

  it('ignored files are left out, by every kind of ignore rule', async () => {
    site = makeSite({ '.gitignore': '*.log\n', 'readme.md': 'x\n' });
    write(site.workDir, 'a.log', 'ignored\n');
    write(site.workDir, '.git/info/exclude', '*.tmp\n');
    write(site.workDir, 'b.tmp', 'ignored\n');
    write(site.dir, 'excludes', '*.swp\n');
    git(site.workDir, 'config', 'core.excludesFile', join(site.dir, 'excludes'));
    write(site.workDir, 'c.swp', 'ignored\n');
    expect(await capture(site)).toMatchObject({ clean: true, filesChanged: 0 });
  });

  it("files that the user's own rules ignore are left out, wherever git looks for them", async () => {
    site = makeSite();
    const { HOME, XDG_CONFIG_HOME } = process.env;
    Object.assign(process.env, { HOME: site.dir, XDG_CONFIG_HOME: join(site.dir, 'xdg') });
    try {
      write(site.dir, 'xdg/git/ignore', '*.default\n');
      write(site.workDir, 'a.default', 'ignored\n');
      expect((await capture(site)).clean).toBe(true);
      write(site.dir, '.gitconfig', '[core]\n\texcludesFile = ~/own-rules\n');
      write(site.dir, 'own-rules', '*.own\n');
      write(site.workDir, 'a.own', 'ignored\n');
      expect((await capture(site)).filesChanged).toBe(1);
    } finally {
      for (const [name, value] of Object.entries({ HOME, XDG_CONFIG_HOME })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
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
    write(site.workDir, ':(top)odd*.log', 'kept\n');
    git(site.workDir, 'add', '-f', 'kept.log', './:(top)odd*.log');
    const { restored } = await expectRoundTrip(site);
    expect(git(restored.worktreeDir, 'status', '--short')).toContain('kept.log');
  });

  it('a file that was captured as untracked and is ignored since', async () => {
    site = makeSite();
    write(site.workDir, 'cache/größe.bin', 'big\n');
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

  it.each(['assume-unchanged', 'skip-worktree'])('edits of %s files', async (flag) => {
    site = makeSite();
    git(site.workDir, 'update-index', `--${flag}`, 'src/a.txt');
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
    site = makeSite({ '.gitignore': '*.log\n' });
    write(site.workDir, 'planned.txt', 'planned\n');
    write(site.workDir, 'ignored.log', 'planned all the same\n');
    write(site.workDir, 'dropped.txt', 'dropped\n');
    git(site.workDir, 'add', '-N', '-f', 'planned.txt', 'ignored.log', 'dropped.txt');
    rmSync(join(site.workDir, 'dropped.txt'));
    const { captured } = await expectRoundTrip(site);
    expect(captured.filesChanged).toBe(2);
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
    site = makeSite({ '.gitignore': '*.log\n', 'kept.log': 'tracked all the same\n', 'src/a.txt': 'one\n' });
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

  it('what is not in a patch: empty folders', async () => {
    site = makeSite();
    mkdirSync(join(site.workDir, 'empty'));
    const captured = await capture(site);
    expect(captured.clean).toBe(true);
    expect(listing((await restore(site, captured)).worktreeDir)).toBe(listing(site.workDir));
  });

  function freshTree(): Promise<string> {
    return computeTreeSha({ worktreeDir: site.workDir, shadowDir: join(site.dir, 'fresh-shadow.git') });
  }
});
