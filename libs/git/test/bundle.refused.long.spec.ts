import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ensureMirror } from '../src/mirror/ensure-mirror.js';
import { restoreWorktree } from '../src/restore/restore-worktree.js';
import { commitAll, workLocally } from '../testing/local-work.js';
import { git, gitBytes, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, restore, MEGABYTE, type Captured } from '../testing/round-trip.js';

describe('bundles that are refused, with nothing left behind', () => {
  let site: Site;
  afterEach(() => site.remove());

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
    expect(existsSync(join(site.dir, 'restored')) ? readdirSync(join(site.dir, 'restored')) : []).toEqual([]);
    expect(readdirSync(join(shadowDir, 'objects', 'pack'))).toEqual([]);
  }

  it('bytes other than those that were recorded', async () => {
    site = makeSite();
    workLocally(site);
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
    workLocally(site);
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
    workLocally(site);
    const captured = await capture(site);
    const { data } = captured.bundle!;
    await expectRefusal(captured, data, 'PATCH_INVALID', { headSha: captured.baseSha });
    await expectRefusal(captured, data, 'PATCH_INVALID', { headSha: null });
    const treeSha = git(site.workDir, 'rev-parse', 'HEAD^{tree}');
    await expectRefusal(captured, data, 'TREE_MISMATCH', { treeSha });
  });

  it('a prerequisite that the mirror does not have', async () => {
    site = makeSite();
    workLocally(site);
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
    commitAll(site.workDir, 'zeros');
    const captured = await capture(site);
    expect(captured.bundle!.sizeBytes).toBeLessThan(MEGABYTE);
    const options = { maxUncompressedBytes: MEGABYTE };
    await expectRefusal(captured, captured.bundle!.data, 'PATCH_TOO_LARGE', options);
  });

  it.each(['.git', '.GIT', 'git~1', '..', '.g\u200cit'])('a tree that names %j', async (name) => {
    site = makeSite();
    write(site.workDir, 'x', 'x\n');
    commitAll(site.workDir, 'harmless');
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

function digest(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
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
