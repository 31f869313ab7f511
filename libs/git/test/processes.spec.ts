import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CaptureRequest } from '../src/capture/capture-request.js';
import { captureWorktree } from '../src/capture/capture-worktree.js';
import { stateOf } from '../src/capture/captured-state.js';
import { commitWip } from '../src/capture/commit-wip.js';
import { gitStartedBy } from '../testing/logging-git.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture } from '../testing/round-trip.js';

/**
 * A daemon of 120 MB stands still for 3 to 5 ms with each process that it starts. One more is no error: it
 * belongs here with its reason.
 */
describe('git is started for what is not known, and for nothing else', () => {
  let site: Site;
  beforeEach(async () => {
    site = makeSite({ 'src/a.txt': 'a\n', 'src/b.txt': 'b\n' });
    write(site.workDir, 'src/a.txt', 'one\n');
    write(site.workDir, 'src/new.txt', 'new\n');
    await capture(site);
  });
  afterEach(() => site.remove());

  it('by a capture of a known worktree', async () => {
    write(site.workDir, 'src/a.txt', 'another one\n');
    expect(await gitStartedBy(site.dir, () => capture(site))).toEqual([
      'check-ignore', // what was added may be ignored by now
      'config',
      'diff-files',
      'diff-tree',
      'ls-files',
      'rev-parse',
      'update-index',
      'write-tree',
    ]);
  });

  it('by a capture that finds nothing changed', async () => {
    const previous = stateOf(await capture(site));
    const request = { worktreeDir: site.workDir, shadowDir: site.shadowDir, previous };
    const again: CaptureRequest = { ...request, anchorRef: 'refs/patchpoint/task/2', ...LIMITS };
    expect(
      await gitStartedBy(site.dir, async () =>
        expect(await captureWorktree(again)).toMatchObject({ outcome: 'unchanged' }),
      ),
    ).toEqual(['check-ignore', 'config', 'diff-files', 'ls-files', 'rev-parse']);
  });

  it('by a WIP commit', async () => {
    const identity = { name: 'Ada', email: 'ada@example.com' };
    const request = { worktreeDir: site.workDir, message: '[WIP]', push: false, identity };
    expect(await gitStartedBy(site.dir, () => commitWip(request))).toEqual([
      'commit-tree',
      'config',
      'diff-files',
      'ls-files',
      'rev-parse',
      'update-index',
      'update-ref',
      'write-tree',
    ]);
  });

  it('by a capture of a new commit, whose index is copied, and by the one after it', async () => {
    git(site.workDir, 'add', '-A');
    git(site.workDir, 'commit', '-q', '-m', 'work');
    expect(await gitStartedBy(site.dir, () => capture(site, { bundle: 'never' }))).toEqual([
      'cat-file', // the time of the commit
      'config',
      'diff-files',
      'diff-index', // what differs from the base is to be in the tree as its bytes on disk
      'diff-tree',
      'hash-object',
      'ls-files',
      'rev-list',
      'rev-parse',
      'write-tree',
    ]);
    write(site.workDir, 'src/b.txt', 'two\n');
    expect(await gitStartedBy(site.dir, () => capture(site, { bundle: 'never' }))).toEqual([
      'config',
      'diff-files',
      'diff-tree',
      'ls-files',
      'rev-parse',
      'update-index',
      'write-tree',
    ]);
  });
});

const LIMITS = { maxPatchBytes: 1024 * 1024, makePatch: true };
