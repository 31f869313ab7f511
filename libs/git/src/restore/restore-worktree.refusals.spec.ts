import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { restoreWorktree, type RestoreRequest } from './restore-worktree.js';
import { git, write } from '../../testing/repositories.js';
import { patchOf, useRestoreScene } from '../../testing/restore-scene.js';

/** Git, in a world where a file changes right after it was written. */
const MEDDLING_GIT = `#!/bin/sh
PATH=PATH_OF_GIT git "$@" || exit
for argument; do
  case "$argument$*" in --work-tree=*' read-tree --reset -u '*) echo more >> "\${argument#--work-tree=}/src/a.txt" ;; esac
done
`;

describe('restoreWorktree', () => {
  const scene = useRestoreScene();

  function expectNothingLeft(): void {
    expect(existsSync(scene.request.worktreeDir)).toBe(false);
    expect(
      existsSync(join(scene.site.dir, 'tasks')) ? readdirSync(join(scene.site.dir, 'tasks')) : [],
    ).toEqual([]);
    expect(git(scene.request.mirrorDir, 'worktree', 'list').split('\n')).toHaveLength(1);
    expect(git(scene.request.mirrorDir, 'for-each-ref', 'refs/heads/')).toBe('');
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
      await expect(restoreWorktree({ ...scene.request, ...change })).rejects.toMatchObject({ code });
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
      await expect(restoreWorktree({ ...scene.request, patch: patchOf(file(path)) })).rejects.toMatchObject({
        code: 'UNSAFE_PATH',
      });
      expectNothingLeft();
    });

    it('a patch that writes through a link which it makes itself', async () => {
      const diff = link('out', '/tmp') + file('out/escaped');
      await expect(restoreWorktree({ ...scene.request, patch: patchOf(diff) })).rejects.toMatchObject({
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
      await expect(restoreWorktree({ ...scene.request, patch: patchOf(diff) })).rejects.toMatchObject({
        code: 'PATCH_INVALID',
      });
      expectNothingLeft();
    });

    it('a patch that is not the one that was stored', async () => {
      const patch = { ...scene.request.patch!, sha256: '0'.repeat(64) };
      await expect(restoreWorktree({ ...scene.request, patch })).rejects.toMatchObject({
        code: 'DIGEST_MISMATCH',
      });
    });

    it('files that are not those that were recorded, found only on the disk', async () => {
      const path = process.env['PATH']!;
      write(scene.site.dir, 'programs/git', MEDDLING_GIT.replace('PATH_OF_GIT', path), 0o755);
      process.env['PATH'] = `${join(scene.site.dir, 'programs')}:${path}`;
      const restoring = restoreWorktree(scene.request).finally(() => (process.env['PATH'] = path));
      await expect(restoring).rejects.toMatchObject({ code: 'TREE_MISMATCH' });
      expectNothingLeft();
    });

    it('a bomb', async () => {
      const patch = patchOf(Buffer.alloc(20_000_000));
      await expect(restoreWorktree({ ...scene.request, patch })).rejects.toMatchObject({
        code: 'PATCH_TOO_LARGE',
      });
    });

    it('to go on when it is aborted', async () => {
      const abort = new AbortController();
      const restoring = restoreWorktree({ ...scene.request, signal: abort.signal });
      abort.abort();
      await expect(restoring).rejects.toThrow();
      expectNothingLeft();
    });
  });
});
