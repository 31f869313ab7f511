import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureMirror } from '../mirror/ensure-mirror.js';
import { restoreWorktree, type RestoreRequest } from './restore-worktree.js';
import { compileLibrary, restoreKilledAt } from '../../testing/killed-restore.js';
import { git, makeSite, write, type Site } from '../../testing/repositories.js';
import { capture, listing, type Captured } from '../../testing/round-trip.js';

/** Git, in a world where a file changes right after it was written. */
const MEDDLING_GIT = `#!/bin/sh
PATH=PATH_OF_GIT git "$@" || exit
for argument; do
  case "$argument$*" in --work-tree=*' read-tree --reset -u '*) echo more >> "\${argument#--work-tree=}/src/a.txt" ;; esac
done
`;

describe('restoreWorktree', () => {
  let site: Site;
  let captured: Captured;
  let request: RestoreRequest & { mirrorDir: string };

  beforeEach(async () => {
    site = makeSite();
    write(site.workDir, 'src/a.txt', 'changed\n');
    write(site.workDir, 'new.txt', 'new\n');
    captured = await capture(site);
    const { mirrorDir } = await ensureMirror({
      mirrorsDir: site.mirrorsDir,
      sourceUrl: site.originUrl,
      allowFileProtocol: true,
    });
    request = {
      mirrorDir,
      worktreeDir: join(site.dir, 'tasks', 'one'),
      shadowDir: join(site.dir, 'shadows', 'one.git'),
      branchName: 'task/one',
      baseSha: captured.baseSha,
      treeSha: captured.treeSha,
      patch: captured.patch,
      maxUncompressedBytes: 10_000_000,
    };
  });
  afterEach(() => site.remove());

  function patchOf(diff: string | Buffer): RestoreRequest['patch'] {
    const data = gzipSync(diff);
    return { format: 'git-diff', data, sha256: createHash('sha256').update(data).digest('hex') };
  }

  function expectNothingLeft(): void {
    expect(existsSync(request.worktreeDir)).toBe(false);
    expect(existsSync(join(site.dir, 'tasks')) ? readdirSync(join(site.dir, 'tasks')) : []).toEqual([]);
    expect(git(request.mirrorDir, 'worktree', 'list').split('\n')).toHaveLength(1);
    expect(git(request.mirrorDir, 'for-each-ref', 'refs/heads/')).toBe('');
  }

  describe('refuses, and leaves nothing behind', () => {
    const link = (path: string, target: string): string =>
      `diff --git a/${path} b/${path}\nnew file mode 120000\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${target}\n\\ No newline at end of file\n`;
    const file = (path: string): string =>
      `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`;

    it.each<[string, Partial<RestoreRequest>, string]>([
      ['a base that is a name', { baseSha: 'HEAD' }, 'BAD_SHA'],
      ['a base that is an option', { baseSha: '--all' }, 'BAD_SHA'],
      ['a tree that is no id', { treeSha: 'x'.repeat(40) }, 'BAD_SHA'],
      ['a branch that is an option', { branchName: '-f' }, 'BAD_REF'],
      ['a base that is not there', { baseSha: '1'.repeat(40) }, 'BASE_MISSING'],
      ['a base in a new repository', { mirrorDir: null }, 'BASE_MISSING'],
      ['a patch that is needed and missing', { patch: null }, 'TREE_MISMATCH'],
      ['another tree than the patch makes', { treeSha: '2'.repeat(40) }, 'TREE_MISMATCH'],
    ])('%s', async (_, change, code) => {
      await expect(restoreWorktree({ ...request, ...change })).rejects.toMatchObject({ code });
      expectNothingLeft();
    });

    it.each([
      ['../escaped'],
      ['/tmp/absolute'],
      ['.git/config'],
      ['.GIT/hooks/post-checkout'],
      ['src/.git/config'],
      ['git~1/config'],
      ['.git./config'],
      ['.g\u200cit/config'],
    ])('a patch that writes to %s', async (path) => {
      await expect(restoreWorktree({ ...request, patch: patchOf(file(path)) })).rejects.toMatchObject({
        code: 'UNSAFE_PATH',
      });
      expectNothingLeft();
    });

    it('a patch that writes through a link which it makes itself', async () => {
      const diff = link('out', '/tmp') + file('out/escaped');
      await expect(restoreWorktree({ ...request, patch: patchOf(diff) })).rejects.toMatchObject({
        code: 'UNSAFE_PATH',
      });
      expectNothingLeft();
    });

    it.each([
      ['text that is no patch', 'hello'],
      [
        'a patch for other contents',
        'diff --git a/src/a.txt b/src/a.txt\n--- a/src/a.txt\n+++ b/src/a.txt\n@@ -1 +1 @@\n-no\n+yes\n',
      ],
      [
        'a patch cut short',
        'diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1,3 @@\n+x\n',
      ],
      [
        'a damaged binary patch',
        'diff --git a/b b/b\nnew file mode 100644\nindex 0000000..1111111\nGIT binary patch\nliteral 5\nzzzzz\n',
      ],
    ])('%s', async (_, diff) => {
      await expect(restoreWorktree({ ...request, patch: patchOf(diff) })).rejects.toMatchObject({
        code: 'PATCH_INVALID',
      });
      expectNothingLeft();
    });

    it('a patch that is not the one that was stored', async () => {
      const patch = { ...request.patch!, sha256: '0'.repeat(64) };
      await expect(restoreWorktree({ ...request, patch })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    });

    it('files that are not those that were recorded, found only on the disk', async () => {
      const path = process.env['PATH']!;
      write(site.dir, 'programs/git', MEDDLING_GIT.replace('PATH_OF_GIT', path), 0o755);
      process.env['PATH'] = `${join(site.dir, 'programs')}:${path}`;
      const restoring = restoreWorktree(request).finally(() => (process.env['PATH'] = path));
      await expect(restoring).rejects.toMatchObject({ code: 'TREE_MISMATCH' });
      expectNothingLeft();
    });

    it('a bomb', async () => {
      const patch = patchOf(Buffer.alloc(20_000_000));
      await expect(restoreWorktree({ ...request, patch })).rejects.toMatchObject({ code: 'PATCH_TOO_LARGE' });
    });

    it('to go on when it is aborted', async () => {
      const abort = new AbortController();
      const restoring = restoreWorktree({ ...request, signal: abort.signal });
      abort.abort();
      await expect(restoring).rejects.toThrow();
      expectNothingLeft();
    });
  });

  describe('never destroys', () => {
    it('a folder with files that is in the way', async () => {
      write(request.worktreeDir, 'precious.txt', 'precious\n');
      const { movedAsideTo } = await restoreWorktree(request);
      expect(readFileSync(join(movedAsideTo!, 'precious.txt'), 'utf8')).toBe('precious\n');
    });

    it('a file or a link that is in the way', async () => {
      mkdirSync(join(site.dir, 'tasks'));
      write(site.dir, 'elsewhere/precious.txt', 'precious\n');
      symlinkSync(join(site.dir, 'elsewhere'), request.worktreeDir);
      const { movedAsideTo } = await restoreWorktree(request);
      expect(readFileSync(join(movedAsideTo!, 'precious.txt'), 'utf8')).toBe('precious\n');
      expect(readdirSync(join(site.dir, 'elsewhere'))).toEqual(['precious.txt']);
    });

    it('commits on the branch of the folder that is in the way', async () => {
      const first = await restoreWorktree(request);
      git(first.worktreeDir, 'commit', '-qam', 'precious');
      const { movedAsideTo, worktreeDir } = await restoreWorktree(request);
      expect(git(movedAsideTo!, 'log', '-1', '--format=%s', 'task/one')).toBe('precious');
      expect(git(worktreeDir, 'rev-parse', 'task/one')).toBe(captured.baseSha);
    });

    it('the worktree that a failed restore was to replace', async () => {
      await restoreWorktree(request);
      write(request.worktreeDir, 'later.txt', 'later\n');
      const before = listing(request.worktreeDir);
      await expect(restoreWorktree({ ...request, patch: patchOf('hello') })).rejects.toThrow();
      expect(listing(request.worktreeDir)).toBe(before);
      expect(readdirSync(join(site.dir, 'tasks'))).toEqual(['one']);
    });

    it('puts nothing aside for an empty folder', async () => {
      mkdirSync(request.worktreeDir, { recursive: true });
      expect((await restoreWorktree(request)).movedAsideTo).toBeNull();
    });
  });

  it('shows the captured changes as uncommitted edits on the base', async () => {
    const { worktreeDir, headSha } = await restoreWorktree(request);
    expect(headSha).toBe(captured.baseSha);
    expect(git(worktreeDir, 'rev-parse', 'HEAD')).toBe(captured.baseSha);
    expect(git(worktreeDir, 'status', '--short', '--branch')).toBe('## task/one\n M src/a.txt\n?? new.txt');
  });

  it('restores several tasks from one mirror at once', async () => {
    const names = ['one', 'two', 'three', 'four'];
    const restored = await Promise.all(
      names.map((name) =>
        restoreWorktree({
          ...request,
          worktreeDir: join(site.dir, 'tasks', name),
          shadowDir: join(site.dir, 'shadows', `${name}.git`),
          branchName: `task/${name}`,
        }),
      ),
    );
    for (const { worktreeDir, branchName } of restored) {
      expect(listing(worktreeDir)).toBe(listing(site.workDir));
      expect(git(worktreeDir, 'branch', '--show-current')).toBe(branchName);
    }
  });

  it('the next capture of a restored worktree finds the same state', async () => {
    const { worktreeDir, treeSha } = await restoreWorktree(request);
    const again = await capture({ ...site, workDir: worktreeDir, shadowDir: request.shadowDir });
    expect(again).toMatchObject({ treeSha, baseSha: captured.baseSha, headSha: captured.baseSha });
    expect(again.patch!.sha256).toBe(captured.patch!.sha256);
  });

  it.each([['for a person'], ['for a task'], ['into a new repository']])(
    'F26 succeeds after a SIGKILL at any step, %s',
    async (kind) => {
      if (kind === 'into a new repository') {
        git(site.workDir, 'remote', 'remove', 'origin');
        const { baseSha, treeSha, patch } = await capture(site);
        Object.assign(request, { mirrorDir: null, baseSha, treeSha, patch });
      }
      if (kind === 'for a task') {
        request.taskDir = request.worktreeDir;
        request.worktreeDir = join(request.taskDir, 'tree');
      }
      const placeDir = request.taskDir ?? request.worktreeDir;
      const libraryDir = compileLibrary(join(site.dir, 'library'));
      let step = 1;
      while (restoreKilledAt(step, libraryDir, site.dir, request)) {
        const restored = await restoreWorktree(request);
        expect(restored).toMatchObject({ treeSha: request.treeSha, branchName: 'task/one' });
        expect(listing(request.worktreeDir)).toBe(listing(site.workDir));
        expect(readdirSync(join(site.dir, 'tasks'))).toEqual(['one']);
        expect(git(request.worktreeDir, 'fsck', '--no-dangling')).toBe('');
        if (request.taskDir) expect(readdirSync(placeDir).sort()).toEqual(['repository.git', 'tree']);
        rmSync(placeDir, { recursive: true });
        step += 1;
      }
      expect(step).toBeGreaterThan(10);
    },
    240_000,
  );
});
