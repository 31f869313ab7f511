import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { captureWorktree } from '../src/capture/capture-worktree.js';
import { commitWip } from '../src/capture/commit-wip.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, restore, type Captured } from '../testing/round-trip.js';

const MAX_PATCH_BYTES = 100_000;
const limits = { maxPatchBytes: MAX_PATCH_BYTES };

describe('a large neighbour never costs the work', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
    write(site.workDir, 'src/a.txt', 'the real work\n');
    write(site.workDir, 'src/new.txt', 'a small new file\n');
  });
  afterEach(() => site.remove());

  /** Does not compress. */
  const fill = (path: string, sizeBytes: number): void => write(site.workDir, path, randomBytes(sizeBytes));

  async function expectWork(captured: Captured): Promise<void> {
    const restored = await restore(site, captured);
    expect(restored.treeSha).toBe(captured.treeSha);
    for (const name of ['src/a.txt', 'src/new.txt'])
      expect(readFileSync(join(restored.worktreeDir, name))).toEqual(readFileSync(join(site.workDir, name)));
  }

  const again = (previous: Captured) =>
    captureWorktree({
      worktreeDir: site.workDir,
      shadowDir: site.shadowDir,
      anchorRef: 'refs/patchpoint/task/1',
      makePatch: true,
      ...limits,
      previous,
    });

  it('leaves out one file that is too large for the patch, and names it', async () => {
    fill('core.dump', 120_000);
    const captured = await capture(site, limits);
    expect(captured).toMatchObject({
      filesChanged: 2,
      patchAbsentReason: null,
      omissions: [{ path: 'core.dump', reason: 'untracked-budget' }],
    });
    await expectWork(captured);
  });

  it('leaves out dependencies that nobody ignored first, as one line', async () => {
    for (let at = 0; at < 100; at += 1) fill(`node_modules/p${at}/index.js`, 2000);
    fill('data.bin', 50_000);
    const captured = await capture(site, limits);
    expect(captured).toMatchObject({
      filesChanged: 3,
      omissions: [{ path: 'node_modules', reason: 'dependencies: 100 files, 200000 bytes' }],
      omissionsCount: 1,
    });
    await expectWork(captured);
  });

  it('leaves out no more files than it must', async () => {
    for (let at = 0; at < 30; at += 1) fill(`data/${at}.bin`, 5000 + at);
    const captured = await capture(site, limits);
    expect(captured.filesChanged).toBeGreaterThanOrEqual(2 + 17);
    expect(captured.filesChanged).toBeLessThan(2 + 20);
    await expectWork(captured);
  });

  it('takes what compresses well, however large', async () => {
    write(site.workDir, 'log.txt', 'the same line\n'.repeat(100_000));
    expect(await capture(site, limits)).toMatchObject({ filesChanged: 3, omissions: [] });
  });

  it('is unchanged when captured again, and remembers what fits', async () => {
    for (let at = 0; at < 40; at += 1) fill(`gen/${at}`, 5000);
    write(site.workDir, 'dump', randomBytes(150_000));
    const first = await capture(site, limits);
    expect(first.omissions.map(({ path }) => path)).toContain('dump');
    const objects = (): string => git(site.shadowDir, 'count-objects', '-v');
    const before = objects();
    expect(await again(first)).toMatchObject({ outcome: 'unchanged' });
    expect(objects()).toBe(before);
    write(site.workDir, 'src/new.txt', 'edited\n');
    const second = await capture(site, limits);
    expect(second.omissions).toEqual(first.omissions);
    await expectWork(second);
  });

  it('remembers it also when its shadow was worn', async () => {
    fill('dump', 150_000);
    const first = await capture(site, limits);
    const stateFile = join(site.shadowDir, 'patchpoint.json');
    const state = JSON.parse(readFileSync(stateFile, 'utf8'));
    writeFileSync(stateFile, JSON.stringify({ ...state, hashedBytes: 2 ** 40 }));
    write(site.workDir, 'src/new.txt', 'edited\n');
    await capture(site, limits);
    expect(existsSync(join(site.shadowDir, 'HEAD'))).toBe(false);
    write(site.workDir, 'src/new.txt', 'edited again\n');
    const third = await capture(site, limits);
    expect(third.omissions).toEqual(first.omissions);
    expect(JSON.parse(readFileSync(stateFile, 'utf8')).hashedBytes).toBeLessThan(1000);
  });

  it('gives up nothing where what is tracked is too large alone', async () => {
    write(site.workDir, 'src/a.txt', randomBytes(120_000));
    const captured = await capture(site, limits);
    expect(captured).toMatchObject({ patch: null, patchAbsentReason: 'too-large', omissions: [] });
    write(site.workDir, 'src/a.txt', 'the real work\n');
    expect(await capture(site, limits)).toMatchObject({ filesChanged: 2, patchAbsentReason: null });
  });

  it('holds for WIP commits, so that nothing large is tracked from then on', async () => {
    fill('core.dump', 120_000);
    for (let at = 0; at < 100; at += 1) fill(`node_modules/p${at}/index.js`, 2000);
    write(site.workDir, '.patchpointignore', 'scratch/\n');
    write(site.workDir, 'scratch/x', 'x\n');
    await commitWip({
      worktreeDir: site.workDir,
      message: 'wip',
      push: false,
      identity: { name: 'Patchpoint', email: 'patchpoint@localhost' },
      selection: { shadowDir: site.shadowDir, makePatch: true, ...limits },
    });
    expect(git(site.workDir, 'show', '--format=', '--name-only', 'HEAD').split('\n')).toEqual([
      '.patchpointignore',
      'src/a.txt',
      'src/new.txt',
    ]);
    const captured = await capture(site, limits);
    expect(captured.omissions.map(({ path }) => path).toSorted()).toEqual([
      '.patchpointignore',
      'core.dump',
      'node_modules',
    ]);
    await expectWork(captured);
  });

  describe('what operators and repositories exclude', () => {
    it('is not captured, and the rules are named', async () => {
      const excludeFile = join(site.dir, 'excludes');
      writeFileSync(excludeFile, '# for all\n*.bak\n');
      write(site.workDir, '.patchpointignore', 'scratch/\n\n/top.txt\n');
      for (const name of ['a.bak', 'src/b.bak', 'scratch/x', 'top.txt', 'src/top.txt'])
        write(site.workDir, name, 'x\n');
      const captured = await capture(site, { excludeFile });
      expect(captured.omissions).toEqual([
        { path: 'PATCHPOINT_EXCLUDE_FILE', reason: 'exclude-file: 1 rule' },
        { path: '.patchpointignore', reason: 'exclude-file: 2 rules' },
      ]);
      const { worktreeDir } = await restore(site, captured);
      expect(git(worktreeDir, 'ls-files', '--others').split('\n')).toEqual([
        '.patchpointignore',
        'src/new.txt',
        'src/top.txt',
      ]);
    });

    it('is taken back out when it was captured before', async () => {
      write(site.workDir, 'scratch/x', 'x\n');
      expect(await capture(site)).toMatchObject({ filesChanged: 3 });
      write(site.workDir, '.patchpointignore', 'scratch/\n');
      expect(await capture(site)).toMatchObject({ filesChanged: 3 }); // and .patchpointignore instead
      rmSync(join(site.workDir, '.patchpointignore'));
      expect(await capture(site)).toMatchObject({ filesChanged: 3, omissions: [] });
    });

    it('fails the capture where the operator wanted something excluded that cannot be read', async () => {
      await expect(capture(site, { excludeFile: join(site.dir, 'nowhere') })).rejects.toMatchObject({
        code: 'GIT_FAILED',
      });
    });

    it('a .patchpointignore that is no file has no rules', async () => {
      mkdirSync(join(site.workDir, '.patchpointignore'));
      expect(await capture(site)).toMatchObject({ filesChanged: 2, omissions: [] });
      rmSync(join(site.workDir, '.patchpointignore'), { recursive: true });
      writeFileSync(join(site.dir, 'rules'), '*\n');
      symlinkSync('../rules', join(site.workDir, '.patchpointignore'));
      expect(await capture(site)).toMatchObject({ filesChanged: 3, omissions: [] });
    });
  });
});
