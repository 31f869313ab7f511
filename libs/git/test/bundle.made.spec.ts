import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeBundle } from '../src/capture/make-bundle.js';
import { EMPTY_TREE_SHA1 } from '../src/values/sha.js';
import { commitAll, workLocally } from '../testing/local-work.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, restore, MEGABYTE } from '../testing/round-trip.js';

describe('when a bundle is made', () => {
  let site: Site;
  afterEach(() => site.remove());

  it('not for a small diff on a commit that others have', async () => {
    site = makeSite();
    write(site.workDir, 'src/a.txt', 'changed\n');
    expect((await capture(site)).bundle).toBeNull();
    expect((await capture(site, { bundle: 'always' })).bundle).toMatchObject({ commitsCount: 0 });
  });

  it('for a large file that was deleted: a few hundred bytes', async () => {
    site = makeSite({ 'big.bin': randomBytes(3 * MEGABYTE), 'readme.md': 'hello\n' });
    rmSync(join(site.workDir, 'big.bin'));
    const captured = await capture(site);
    const restored = await restore(site, captured, { fromBundle: true });
    expect(restored.treeSha).toBe(captured.treeSha);
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
    commitAll(site.workDir, 'noise');
    expect((await capture(site, { maxPatchBytes: 1000 })).bundle).toBeNull();
    expect((await capture(site, { bundle: 'never' })).bundle).toBeNull();
    expect((await capture(site, { makePatch: false, bundle: 'always' })).bundle).toBeNull();
  });

  it('in a shallow clone only above what it lacks', async () => {
    site = makeSite();
    write(site.workDir, 'src/a.txt', 'second\n');
    commitAll(site.workDir, 'second');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    rmSync(site.workDir, { recursive: true });
    git(site.dir, 'clone', '-q', '--depth=1', site.originUrl, site.workDir);
    workLocally(site);
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
    workLocally(site);
    const first = headsOf((await capture(site)).bundle!.data);
    const shadowDir = join(site.dir, 'another.git');
    expect(headsOf((await capture({ ...site, shadowDir })).bundle!.data)).toEqual(first);
  });

  it('anyone can fetch from it with plain git', async () => {
    site = makeSite();
    workLocally(site);
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

function headsOf(bundle: Buffer): string[] {
  return bundle.toString('latin1', 0, bundle.indexOf('\n\n')).split('\n');
}
