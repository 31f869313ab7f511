import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { CaptureRequest } from './capture-worktree.js';
import { ensureMirror } from './ensure-mirror.js';
import { makeBundle } from './make-bundle.js';
import { removeWorktree } from './remove-worktree.js';
import { restoreWorktree, type Restored } from './restore-worktree.js';
import { EMPTY_TREE_SHA1 } from './sha.js';
import { git, gitBytes, makeSite, write, type Site } from './testing/repositories.js';
import { capture, listing, MEGABYTE, restore, type Captured } from './testing/round-trip.js';

/** What a person sees of a repository, but for the branch's name. */
function viewOf(dir: string): string[] {
  return [
    git(dir, 'log', '--format=%H %an <%ae> %at %cn <%ce> %ct %P%n%B', 'HEAD'),
    git(dir, 'status', '--porcelain=v1'),
    git(dir, 'diff', '--binary', 'HEAD'),
    listing(dir),
  ];
}

describe('bundles', () => {
  let site: Site;
  afterEach(() => site.remove());

  function commit(message: string, dir = site.workDir): void {
    git(dir, 'add', '-A');
    git(dir, 'commit', '-q', '-m', message);
  }

  /** Two local commits that were never pushed, and edits of every kind on top. */
  function work(): void {
    write(site.workDir, 'src/a.txt', 'one\nlocal\nthree\n');
    commit('first local commit\n\nwith a body');
    write(site.workDir, 'src/b.txt', 'added by the second\n');
    write(site.workDir, 'src/tool.sh', '#!/bin/sh\n', 0o755);
    commit('second local commit');
    write(site.workDir, 'src/b.txt', 'edited afterwards\n');
    write(site.workDir, 'untracked.bin', randomBytes(2000));
    rmSync(join(site.workDir, 'readme.md'));
  }

  async function expectSameRepository(
    options: Partial<CaptureRequest> & { withoutMirror?: boolean } = {},
  ): Promise<{ captured: Captured; restored: Restored }> {
    const { withoutMirror = false, ...request } = options;
    const captured = await capture(site, request);
    const restored = await restore(site, captured, { fromBundle: true, withoutMirror });
    expect(viewOf(restored.worktreeDir)).toEqual(viewOf(site.workDir));
    expect(restored).toMatchObject({ headSha: captured.headSha, treeSha: captured.treeSha });
    return { captured, restored };
  }

  describe('a restored repository is the lost one', () => {
    it('local commits, a push that failed, and dirty files', async () => {
      site = makeSite();
      git(site.workDir, 'checkout', '-q', '-b', 'task/one');
      work();
      expect(() => git(site.workDir, 'push', '-q', `file://${site.dir}/gone.git`, 'HEAD')).toThrow();
      const { captured, restored } = await expectSameRepository();
      expect(captured.bundle).toMatchObject({ format: 'git-bundle', commitsCount: 2 });
      expect(restored).toMatchObject({ branchName: 'task/one', commitsCount: 2, filesWritten: 5 });
      expect(git(restored.worktreeDir, 'branch', '--show-current')).toBe('task/one');
      expect(git(restored.worktreeDir, 'fsck', '--strict', '--no-dangling')).toBe('');
    });

    it('from the readable diff as well, with the commits as uncommitted edits', async () => {
      site = makeSite();
      work();
      const captured = await capture(site);
      const restored = await restore(site, captured);
      expect(restored).toMatchObject({ headSha: captured.baseSha, commitsCount: 0 });
      expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
    });

    it('what was staged is not staged any more; untracked stays untracked', async () => {
      site = makeSite();
      work();
      git(site.workDir, 'add', 'src/b.txt');
      write(site.workDir, 'src/b.txt', 'and edited again\n');
      const captured = await capture(site);
      const { worktreeDir } = await restore(site, captured, { fromBundle: true });
      expect(git(worktreeDir, 'status', '--short')).toBe(' D readme.md\n M src/b.txt\n?? untracked.bin');
    });

    it('a detached HEAD', async () => {
      site = makeSite();
      git(site.workDir, 'checkout', '-q', '--detach');
      work();
      const { captured } = await expectSameRepository();
      expect(captured.branchName).toBeNull();
    });

    it('an unborn HEAD', async () => {
      site = makeSite();
      git(site.workDir, 'checkout', '-q', '--orphan', 'fresh');
      git(site.workDir, 'rm', '-q', '-r', '--cached', '.');
      write(site.workDir, 'src/a.txt', 'all new\n');
      const captured = await capture(site, { bundle: 'always' });
      expect(captured).toMatchObject({ headSha: null, baseSha: EMPTY_TREE_SHA1 });
      const restored = await restore(site, captured, { fromBundle: true });
      expect(restored).toMatchObject({ headSha: null, commitsCount: 0 });
      expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
      expect(git(restored.worktreeDir, 'status', '--short')).toBe(git(site.workDir, 'status', '--short'));
    });

    it('a repository of its own, without a remote', async () => {
      site = makeSite();
      git(site.workDir, 'remote', 'remove', 'origin');
      work();
      const { captured, restored } = await expectSameRepository({ withoutMirror: true });
      expect(captured).toMatchObject({ baseSha: EMPTY_TREE_SHA1, bundle: { commitsCount: 3 } });
      expect(git(restored.worktreeDir, 'branch', '--show-current')).toBe('task/one');
    });

    it('merges of what else is on the remote', async () => {
      site = makeSite();
      git(site.workDir, 'checkout', '-q', '-b', 'feature');
      write(site.workDir, 'feature.txt', 'feature\n');
      commit('feature');
      git(site.workDir, 'push', '-q', 'origin', 'feature');
      git(site.workDir, 'checkout', '-q', 'main');
      work();
      git(site.workDir, 'stash', '-q', '-u');
      git(site.workDir, 'merge', '-q', '--no-ff', '-m', 'merge', 'feature');
      git(site.workDir, 'stash', 'pop', '-q');
      await expectSameRepository();
    });

    it('SHA-256', async () => {
      site = makeSite(undefined, ['--object-format=sha256']);
      work();
      const { captured } = await expectSameRepository();
      expect(captured.bundle!.data.toString('latin1', 0, 15)).toBe('# v3 git bundle');
    });

    it('files that a commit or a checkout would convert', async () => {
      site = makeSite({
        '.gitattributes': '* text=auto\n*.bat text eol=crlf\n',
        'base.bat': 'base\r\n',
        'reverted.bat': 'base\r\n',
        'readme.md': 'hello\n',
        'src/a.txt': 'one\ntwo\nthree\n',
      });
      git(site.workDir, 'config', 'core.safecrlf', 'false');
      write(site.workDir, 'crlf.txt', 'one\r\ntwo\r\n');
      write(site.workDir, 'lf.bat', 'one\ntwo\n');
      write(site.workDir, 'reverted.bat', 'not for long\r\n');
      commit('converted');
      write(site.workDir, 'more.txt', 'new\r\n');
      write(site.workDir, 'reverted.bat', 'base\r\n');
      await expectSameRepository();
    });

    it('captured in a worktree that was itself restored from a bundle', async () => {
      site = makeSite();
      work();
      const { captured, restored } = await expectSameRepository();
      const second = { ...site, workDir: restored.worktreeDir, shadowDir: join(site.dir, 'second.git') };
      const again = await capture(second);
      expect(again).toMatchObject({
        treeSha: captured.treeSha,
        headSha: captured.headSha,
        baseSha: captured.baseSha,
      });
      write(restored.worktreeDir, 'src/b.txt', 'went on elsewhere\n');
      commit('third local commit', restored.worktreeDir);
      write(restored.worktreeDir, 'src/c.txt', 'and on\n');
      const third = await capture(second);
      expect(third.bundle).toMatchObject({ commitsCount: 3 });
      const lost = viewOf(restored.worktreeDir);
      const last = await restore(site, third, { fromBundle: true, name: 'third', branchName: 'task/two' });
      expect(viewOf(last.worktreeDir)).toEqual(lost);
    });
  });

  describe('when one is made', () => {
    it('not for a small diff on a commit that others have', async () => {
      site = makeSite();
      write(site.workDir, 'src/a.txt', 'changed\n');
      expect((await capture(site)).bundle).toBeNull();
      expect((await capture(site, { bundle: 'always' })).bundle).toMatchObject({ commitsCount: 0 });
    });

    it('for a large file that was deleted: a few hundred bytes', async () => {
      site = makeSite({ 'big.bin': randomBytes(3 * MEGABYTE), 'readme.md': 'hello\n' });
      rmSync(join(site.workDir, 'big.bin'));
      const { captured, restored } = await expectSameRepository();
      expect(captured.patch!.sizeBytes).toBeGreaterThan(3 * MEGABYTE);
      expect(captured.bundle!.sizeBytes).toBeLessThan(2000);
      expect(restored.commitsCount).toBe(0);
    });

    it('not when it would hardly be smaller than the diff', async () => {
      site = makeSite();
      write(site.workDir, 'noise.bin', randomBytes(MEGABYTE));
      expect((await capture(site)).bundle).toBeNull();
    });

    it('when the diff is over the limit, and it is not', async () => {
      site = makeSite({ 'big.bin': randomBytes(3 * MEGABYTE) });
      rmSync(join(site.workDir, 'big.bin'));
      const captured = await capture(site, { maxPatchBytes: MEGABYTE });
      expect(captured).toMatchObject({ patch: null, patchAbsentReason: 'too-large' });
      expect(captured.bundle!.sizeBytes).toBeLessThan(2000);
    });

    it('never above the limit, never when it is switched off', async () => {
      site = makeSite();
      write(site.workDir, 'noise.bin', randomBytes(MEGABYTE));
      commit('noise');
      expect((await capture(site, { maxPatchBytes: 1000 })).bundle).toBeNull();
      expect((await capture(site, { bundle: 'never' })).bundle).toBeNull();
      expect((await capture(site, { makePatch: false, bundle: 'always' })).bundle).toBeNull();
    });

    it('in a shallow clone only above what it lacks', async () => {
      site = makeSite();
      write(site.workDir, 'src/a.txt', 'second\n');
      commit('second');
      git(site.workDir, 'push', '-q', 'origin', 'main');
      rmSync(site.workDir, { recursive: true });
      git(site.dir, 'clone', '-q', '--depth=1', site.originUrl, site.workDir);
      work();
      await expectSameBundleAs(2);
      git(site.workDir, 'reset', '-q', '--hard', 'origin/main');
      expect((await capture(site, { bundle: 'always' })).bundle).toMatchObject({ commitsCount: 0 });
      git(site.workDir, 'remote', 'remove', 'origin');
      const alone = await capture(site);
      expect(alone).toMatchObject({ baseSha: EMPTY_TREE_SHA1, bundle: null });
      expect(alone.patch).not.toBeNull();
    });

    it('in a partial clone only of what it has, and nothing is fetched for it', async () => {
      site = makeSite({ 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' });
      git(site.originDir, 'config', 'uploadpack.allowFilter', 'true');
      rmSync(site.workDir, { recursive: true });
      git(site.dir, 'clone', '-q', '--filter=blob:none', '--sparse', site.originUrl, site.workDir);
      git(site.workDir, 'sparse-checkout', 'set', 'in');
      const missing = (): string => git(site.workDir, 'rev-list', '--objects', '--all', '--missing=print');
      write(site.workDir, 'in/a.txt', 'changed\n');
      git(site.workDir, 'commit', '-qam', 'local');
      const before = missing();
      await expectSameBundleAs(1);
      const whole = { gitDir: site.shadowDir, anchorRef: 'refs/patchpoint/task/1', baseSha: EMPTY_TREE_SHA1 };
      expect(await makeBundle({ ...whole, commitsCount: 2, maxBundleBytes: MEGABYTE })).toBeNull();
      expect(missing()).toBe(before);
    });

    async function expectSameBundleAs(commitsCount: number): Promise<void> {
      const captured = await capture(site);
      expect(captured.bundle).toMatchObject({ commitsCount });
      const restored = await restore(site, captured, { fromBundle: true });
      expect(git(restored.worktreeDir, 'rev-parse', 'HEAD')).toBe(git(site.workDir, 'rev-parse', 'HEAD'));
      expect(git(restored.worktreeDir, 'status', '--short')).toBe(git(site.workDir, 'status', '--short'));
    }

    it('the same state gives the same commit', async () => {
      site = makeSite();
      work();
      const first = headsOf((await capture(site)).bundle!.data);
      const shadowDir = join(site.dir, 'another.git');
      expect(headsOf((await capture({ ...site, shadowDir })).bundle!.data)).toEqual(first);
    });

    it('anyone can fetch from it with plain git', async () => {
      site = makeSite();
      work();
      const captured = await capture(site);
      const file = join(site.dir, 'checkpoint.bundle');
      writeFileSync(file, captured.bundle!.data);
      const clone = join(site.dir, 'clone');
      git(site.dir, 'clone', '-q', site.originUrl, clone);
      git(clone, 'bundle', 'verify', '--quiet', file);
      git(clone, 'fetch', '-q', file, 'refs/patchpoint/*:refs/recovered/*');
      expect(git(clone, 'rev-parse', 'refs/recovered/task/1^{tree}')).toBe(captured.treeSha);
      expect(git(clone, 'log', '--format=%s', 'refs/recovered/task/1')).toBe(
        ['Captured state of a worktree', 'second local commit', 'first local commit', 'first'].join('\n'),
      );
    });
  });

  describe('what is refused, with nothing left behind', () => {
    async function expectRefusal(
      captured: Captured,
      data: Buffer,
      code: string,
      options: { headSha?: string | null; treeSha?: string; maxUncompressedBytes?: number } = {},
    ): Promise<void> {
      const { mirrorDir } = await ensureMirror({
        mirrorsDir: site.mirrorsDir,
        sourceUrl: site.originUrl,
        allowFileProtocol: true,
      });
      const before = everythingIn(mirrorDir);
      const worktreeDir = join(site.dir, 'restored', 'here');
      const shadowDir = join(site.dir, 'restored-shadow.git');
      const { headSha = captured.headSha, ...others } = options;
      const restoring = restoreWorktree({
        mirrorDir,
        worktreeDir,
        shadowDir,
        branchName: 'task/one',
        baseSha: captured.baseSha,
        treeSha: captured.treeSha,
        patch: { format: 'git-bundle', data, sha256: digest(data), headSha },
        maxUncompressedBytes: 64 * MEGABYTE,
        ...others,
      });
      await expect(restoring).rejects.toMatchObject({ name: 'GitError', code });
      expect(everythingIn(mirrorDir)).toEqual(before);
      expect(existsSync(worktreeDir)).toBe(false);
      expect(existsSync(join(site.dir, 'restored')) ? readdirSync(join(site.dir, 'restored')) : []).toEqual(
        [],
      );
      expect(readdirSync(join(shadowDir, 'objects', 'pack'))).toEqual([]);
    }

    it('bytes other than those that were recorded', async () => {
      site = makeSite();
      work();
      const captured = await capture(site);
      const data = Buffer.from(captured.bundle!.data);
      data[data.length - 30]! ^= 1;
      const restoring = restore(
        site,
        { ...captured, bundle: { ...captured.bundle!, data } },
        { fromBundle: true },
      );
      await expect(restoring).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
      await expectRefusal(captured, data, 'PATCH_INVALID');
    });

    it.each([
      ['something else', (): Buffer => Buffer.from('PK\u0003\u0004')],
      ['an unknown version', (data: Buffer): Buffer => replaced(data, '# v2', '# v9')],
      [
        'an unknown capability',
        (data: Buffer): Buffer => replaced(data, '# v2 git bundle\n', '# v3 git bundle\n@filter=blob:none\n'),
      ],
      ['a cut off header', (data: Buffer): Buffer => data.subarray(0, 60)],
      ['a cut off pack', (data: Buffer): Buffer => data.subarray(0, data.length - 40)],
      ['two refs', (data: Buffer): Buffer => replaced(data, '\n\n', `\n${'1'.repeat(40)} refs/heads/x\n\n`)],
    ])('%s', async (_, damage) => {
      site = makeSite();
      work();
      const captured = await capture(site);
      const data = damage(captured.bundle!.data);
      if (data.length < 100) {
        // Refused before there is anything to look at.
        const restoring = restore(
          site,
          { ...captured, bundle: { ...captured.bundle!, data, sha256: digest(data) } },
          { fromBundle: true },
        );
        await expect(restoring).rejects.toMatchObject({ code: 'PATCH_INVALID' });
      }
      await expectRefusal(captured, data, 'PATCH_INVALID');
    });

    it('another HEAD or tree than was recorded', async () => {
      site = makeSite();
      work();
      const captured = await capture(site);
      const { data } = captured.bundle!;
      await expectRefusal(captured, data, 'PATCH_INVALID', { headSha: captured.baseSha });
      await expectRefusal(captured, data, 'PATCH_INVALID', { headSha: null });
      const treeSha = git(site.workDir, 'rev-parse', 'HEAD^{tree}');
      await expectRefusal(captured, data, 'TREE_MISMATCH', { treeSha });
    });

    it('a prerequisite that the mirror does not have', async () => {
      site = makeSite();
      work();
      const captured = await capture(site);
      await expectRefusal(
        { ...captured, baseSha: '1'.repeat(40) },
        captured.bundle!.data,
        'BASE_MISSING',
      ).catch((error: unknown) => {
        // No shadow was made: the base is looked for first.
        if (!String(error).includes('ENOENT')) throw error;
      });
      const bundle = makeBundleByHand(site, 'HEAD', 'HEAD~1');
      await expectRefusal(captured, bundle, 'BASE_MISSING');
    });

    it('more bytes of files than the ceiling', async () => {
      site = makeSite();
      write(site.workDir, 'zeros.bin', Buffer.alloc(5 * MEGABYTE));
      commit('zeros');
      const captured = await capture(site);
      expect(captured.bundle!.sizeBytes).toBeLessThan(MEGABYTE);
      const options = { maxUncompressedBytes: MEGABYTE };
      await expectRefusal(captured, captured.bundle!.data, 'PATCH_TOO_LARGE', options);
    });

    it.each(['.git', '.GIT', 'git~1', '..', '.g\u200cit'])('a tree that names %j', async (name) => {
      site = makeSite();
      write(site.workDir, 'x', 'x\n');
      commit('harmless');
      const captured = await capture(site);
      const blob = git(site.workDir, 'hash-object', '-w', 'x');
      const inner = mktree(site.workDir, `100644 blob ${blob}\tconfig\n`);
      const treeSha = mktree(site.workDir, `100644 blob ${blob}\ta\n040000 tree ${inner}\t${name}\n`);
      const anchor = git(site.workDir, 'commit-tree', '-p', captured.headSha!, '-m', 'hostile', treeSha);
      git(site.workDir, 'update-ref', 'refs/patchpoint/hostile', anchor);
      const bundle = makeBundleByHand(site, 'refs/patchpoint/hostile', captured.baseSha);
      await expectRefusal({ ...captured, treeSha }, bundle, 'UNSAFE_PATH', { treeSha });
    });
  });

  it('keeps the commits through a collection of garbage in the mirror, and the branch after the worktree', async () => {
    site = makeSite();
    work();
    const { restored } = await expectSameRepository();
    const mirrorsDir = join(site.dir, 'other-machine', 'mirrors');
    const mirrorDir = join(mirrorsDir, readdirSync(mirrorsDir)[0]!);
    git(mirrorDir, 'gc', '-q', '--prune=now');
    expect(viewOf(restored.worktreeDir)).toEqual(viewOf(site.workDir));
    await removeWorktree({ worktreeDir: restored.worktreeDir, mirrorDir });
    expect(git(mirrorDir, 'rev-parse', 'task/one')).toBe(restored.headSha);
  });

  it('keeps an existing branch and takes another name', async () => {
    site = makeSite();
    work();
    const captured = await capture(site);
    const first = await restore(site, captured, { fromBundle: true });
    commit('went on', first.worktreeDir);
    const second = await restore(site, captured, { fromBundle: true });
    expect(second.branchName).toBe('task/one-2');
    expect(git(second.movedAsideTo!, 'log', '-1', '--format=%s')).toBe('went on');
  });
});

function digest(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function headsOf(bundle: Buffer): string[] {
  return bundle.toString('latin1', 0, bundle.indexOf('\n\n')).split('\n');
}

function replaced(data: Buffer, from: string, to: string): Buffer {
  return Buffer.from(data.toString('latin1').replace(from, to), 'latin1');
}

function makeBundleByHand(site: Site, ref: string, without: string): Buffer {
  return gitBytes(site.workDir, 'bundle', 'create', '-q', '-', ref, `^${without}`);
}

/** Writes a tree as it is told to; `git mktree` checks no names. */
function mktree(dir: string, lines: string): string {
  writeFileSync(join(dir, '../tree-lines'), lines);
  return git(dir, '-c', 'alias.t=!git mktree <../tree-lines', 't');
}

/** Every file of a repository but for what is only a time. */
function everythingIn(gitDir: string): string[] {
  return readdirSync(gitDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path} ${digest(readFileSync(path))}`)
    .toSorted();
}
