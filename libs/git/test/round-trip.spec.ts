import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { captureWorktree } from '../src/capture/capture-worktree.js';
import { EMPTY_TREE_SHA1 } from '../src/values/sha.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, listing, restore } from '../testing/round-trip.js';

describe('capture and restore', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
  });
  afterEach(() => site.remove());

  it('brings edits, new files, deletions, modes and links back on another machine', async () => {
    write(site.workDir, 'src/a.txt', 'one\nTWO\nthree\n');
    write(site.workDir, 'src/new file.bin', Buffer.from([0, 1, 2, 255]));
    write(site.workDir, 'run.sh', '#!/bin/sh\n', 0o755);
    symlinkSync('nowhere', join(site.workDir, 'dangling'));
    rmSync(join(site.workDir, 'readme.md'));
    const captured = await capture(site);
    const restored = await restore(site, captured);
    expect(restored).toMatchObject({ treeSha: captured.treeSha, branchName: 'task/one', movedAsideTo: null });
    expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
    expect(captured).toMatchObject({
      clean: false,
      branchName: 'main',
      headSha: git(site.workDir, 'rev-parse', 'HEAD'),
      baseSha: git(site.originDir, 'rev-parse', 'main'),
      baseReachable: true,
      filesChanged: 5,
      omissions: [],
      omissionsCount: 0,
    });
    expect(captured.patch).toMatchObject({ format: 'git-diff', filesCount: 5 });
    expect(git(restored.worktreeDir, 'status', '--short')).toBe(git(site.workDir, 'status', '--short'));
  });

  it('leaves index, refs, configuration and status of the worktree as they were', async () => {
    write(site.workDir, 'src/a.txt', 'staged\n');
    git(site.workDir, 'add', '-A');
    write(site.workDir, 'src/a.txt', 'not staged\n');
    write(site.workDir, 'untracked.txt', 'new\n');
    const before = everythingOf(site.workDir);
    await capture(site);
    await capture(site);
    expect(everythingOf(site.workDir)).toEqual(before);
  });

  it('answers "unchanged" when nothing has changed since the last capture', async () => {
    write(site.workDir, 'src/a.txt', 'changed\n');
    const first = await capture(site);
    const request = {
      worktreeDir: site.workDir,
      shadowDir: site.shadowDir,
      anchorRef: 'refs/patchpoint/task/2',
      maxPatchBytes: 1_000_000,
      makePatch: true,
      previous: first,
    };
    expect((await captureWorktree(request)).outcome).toBe('unchanged');
    write(site.workDir, 'src/a.txt', 'Changed\n');
    expect((await captureWorktree(request)).outcome).toBe('captured');
  });

  it('records a clean worktree with an empty patch, and restores the clean state', async () => {
    const captured = await capture(site);
    expect(captured).toMatchObject({ clean: true, filesChanged: 0 });
    expect(captured.patch).toMatchObject({ uncompressedSizeBytes: 0, filesCount: 0 });
    const restored = await restore(site, captured);
    expect(git(restored.worktreeDir, 'status', '--short')).toBe('');
    expect(restored.filesWritten).toBe(0);
  });

  it('takes the base of a repository with a single commit, which has no parent', async () => {
    expect(git(site.workDir, 'rev-list', '--count', 'HEAD')).toBe('1');
    write(site.workDir, 'readme.md', 'changed\n');
    const captured = await capture(site);
    expect(captured.baseSha).toBe(git(site.workDir, 'rev-parse', 'HEAD'));
    expect((await restore(site, captured)).treeSha).toBe(captured.treeSha);
  });

  it('takes a base that the origin serves when local commits were never pushed', async () => {
    write(site.workDir, 'src/a.txt', 'local commit\n');
    git(site.workDir, 'commit', '-qam', 'local');
    write(site.workDir, 'readme.md', 'and an edit\n');
    const captured = await capture(site);
    expect(captured.baseSha).toBe(git(site.originDir, 'rev-parse', 'main'));
    expect(listing((await restore(site, captured)).worktreeDir)).toBe(listing(site.workDir));
  });

  it('captures against the empty tree when there is no remote, and restores without a mirror', async () => {
    git(site.workDir, 'remote', 'remove', 'origin');
    write(site.workDir, 'src/a.txt', 'changed\n');
    const captured = await capture(site);
    expect(captured.baseSha).toBe(EMPTY_TREE_SHA1);
    const restored = await restore(site, captured, { withoutMirror: true });
    expect(restored.headSha).toBeNull();
    expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
  });

  it('captures an unborn HEAD', async () => {
    const fresh = join(site.dir, 'fresh');
    git(site.dir, 'init', '-q', '-b', 'main', fresh);
    write(fresh, 'first.txt', 'first\n');
    const captured = await capture({ ...site, workDir: fresh });
    expect(captured).toMatchObject({ headSha: null, branchName: 'main', baseSha: EMPTY_TREE_SHA1 });
    expect(listing((await restore(site, captured)).worktreeDir)).toBe(listing(fresh));
  });

  it('keeps a patch of tracked work above the ceiling out, and says why', async () => {
    write(site.workDir, 'src/a.txt', Buffer.from(Array.from({ length: 4096 }, () => Math.random() * 256)));
    const captured = await capture(site, { maxPatchBytes: 100 });
    expect(captured).toMatchObject({ patch: null, patchAbsentReason: 'too-large', filesChanged: 1 });
  });

  it('makes no patch where patches are switched off', async () => {
    expect(await capture(site, { makePatch: false })).toMatchObject({
      patch: null,
      patchAbsentReason: 'disabled',
    });
  });

  it('moves an existing folder aside, with its branch', async () => {
    write(site.workDir, 'src/a.txt', 'changed\n');
    const captured = await capture(site);
    const first = await restore(site, captured);
    write(first.worktreeDir, 'more.txt', 'someone worked on\n');
    git(first.worktreeDir, 'add', '-A');
    git(first.worktreeDir, 'commit', '-qm', 'on the task branch');
    const second = await restore(site, captured);
    expect(second.branchName).toBe('task/one');
    expect(readFileSync(join(second.movedAsideTo!, 'more.txt'), 'utf8')).toBe('someone worked on\n');
    expect(git(second.movedAsideTo!, 'log', '-1', '--format=%s')).toBe('on the task branch');
    expect(git(second.movedAsideTo!, 'status', '--short')).toBe('');
    expect(existsSync(join(second.worktreeDir, 'more.txt'))).toBe(false);
  });

  it('follows swaps between file, folder and link', async () => {
    rmSync(join(site.workDir, 'src'), { recursive: true });
    symlinkSync('elsewhere', join(site.workDir, 'src'));
    rmSync(join(site.workDir, 'readme.md'));
    mkdirSync(join(site.workDir, 'readme.md'));
    write(site.workDir, 'readme.md/inside', 'x');
    mkdirSync(join(site.workDir, 'elsewhere'));
    write(site.workDir, 'elsewhere/a.txt', 'one\ntwo\nthree\n');
    chmodSync(join(site.workDir, 'elsewhere/a.txt'), 0o755);
    const captured = await capture(site);
    expect(listing((await restore(site, captured)).worktreeDir)).toBe(listing(site.workDir));
  });
});

function everythingOf(dir: string): string[] {
  return [
    readFileSync(join(dir, '.git/index')).toString('hex'),
    git(dir, 'for-each-ref'),
    readFileSync(join(dir, '.git/HEAD'), 'utf8'),
    readFileSync(join(dir, '.git/config'), 'utf8'),
    git(dir, 'status', '--porcelain=v2', '--branch'),
  ];
}
