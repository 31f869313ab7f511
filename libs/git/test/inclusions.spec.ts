import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { captureWorktree } from '../src/capture/capture-worktree.js';
import { commitWip } from '../src/capture/commit-wip.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { heldBy, IGNORED, reasonsOf } from '../testing/included.js';
import { capture, expectRoundTrip, restore, type Captured } from '../testing/round-trip.js';

describe('ignored files that are included', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite({ '.gitignore': IGNORED, 'src/a.txt': 'one\n' });
  });
  afterEach(() => site.remove());

  const project = (value: unknown): void => write(site.workDir, '.patchpoint.json', JSON.stringify(value));
  const held = (captured: Captured): string[] => heldBy(site, captured);

  it.each([false, true])(
    'come back byte for byte, and are ignored again (bundle: %s)',
    async (fromBundle) => {
      project({ include: ['.env.local'] });
      write(site.workDir, '.env.local', Buffer.from([0, 1, 13, 10, 255]), 0o600);
      write(site.workDir, 'packages/a/.env.local', 'A=1\r\n');
      chmodSync(join(site.workDir, '.env.local'), 0o600);
      write(site.workDir, '.env', 'not included\n');
      const captured = await capture(site, { bundle: 'always' });
      expect(held(captured)).toEqual(['.env.local', 'packages/a/.env.local']);
      const { worktreeDir, treeSha } = await restore(site, captured, { fromBundle });
      expect(treeSha).toBe(captured.treeSha);
      for (const path of held(captured))
        expect(readFileSync(join(worktreeDir, path))).toEqual(readFileSync(join(site.workDir, path)));
      expect(git(worktreeDir, 'status', '--porcelain', '--untracked-files=all')).toBe('?? .patchpoint.json');
      expect(git(worktreeDir, 'ls-files', '--', '.env.local')).toBe('');
    },
  );

  it('are the same state to a capture of the restored worktree', async () => {
    project({ include: ['.env.local', 'build/keep/'] });
    write(site.workDir, '.env.local', 'A=1\n');
    write(site.workDir, 'build/keep/one', '1\n');
    await expectRoundTrip(site);
  });

  it('are unchanged when captured again, and taken back out when no longer named, or gone', async () => {
    project({ include: ['.env.local', '.env.test'] });
    write(site.workDir, '.env.local', 'A=1\n');
    write(site.workDir, '.env.test', 'T=1\n');
    const first = await capture(site);
    const again = await captureWorktree({
      worktreeDir: site.workDir,
      shadowDir: site.shadowDir,
      anchorRef: 'refs/patchpoint/task/1',
      maxPatchBytes: 1_000_000,
      makePatch: true,
      previous: first,
    });
    expect(again.outcome).toBe('unchanged');
    write(site.workDir, '.env.local', 'A=2\n');
    expect((await capture(site)).treeSha).not.toBe(first.treeSha);
    project({ include: ['.env.test'] });
    expect(held(await capture(site))).toEqual(['.env.test']);
    rmSync(join(site.workDir, '.env.test'));
    expect(held(await capture(site))).toEqual([]);
  });

  it('are those that .worktreeinclude names, with all of the syntax of .gitignore', async () => {
    write(
      site.workDir,
      '.worktreeinclude',
      '# for every worktree\r\n\r\n/.env.*\r\nbuild/**/*.json\r\n!.env.prod\r\n',
    );
    project({ include: ['notes.local'] });
    for (const path of [
      '.env.a',
      '.env.prod',
      'deep/.env.a',
      'build/x/y.json',
      'build/x/y.bin',
      'n/notes.local',
    ])
      write(site.workDir, path, `${path}\n`);
    expect(held(await capture(site))).toEqual([
      '.env.a',
      '.worktreeinclude',
      'build/x/y.json',
      'n/notes.local',
    ]);
  });

  it('come with the files that name them, ignored or not', async () => {
    write(site.workDir, '.gitignore', `${IGNORED}.patchpoint.json\n`);
    project({ setup: 'npm ci', include: ['.env.local'] });
    write(site.workDir, '.env.local', 'A=1\n');
    const { restored } = await expectRoundTrip(site);
    expect(git(restored.worktreeDir, 'ls-files')).toBe('.gitignore\nsrc/a.txt');
  });

  it('are never in a WIP commit, before and after a restore', async () => {
    project({ include: ['.env.local', 'notes.local'] });
    write(site.workDir, '.env.local', 'TOKEN=1\n');
    write(site.workDir, 'notes.local', 'mine\n');
    const committed = async (worktreeDir: string): Promise<string> => {
      const selection = { shadowDir: join(site.dir, 'wip.git'), makePatch: true, maxPatchBytes: 1_000_000 };
      const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };
      await commitWip({ worktreeDir, message: 'wip', push: false, identity, selection });
      return git(worktreeDir, 'ls-tree', '-r', '--name-only', 'HEAD');
    };
    const captured = await capture(site);
    expect(held(captured)).toEqual(['.env.local', 'notes.local']);
    const { worktreeDir } = await restore(site, captured);
    for (const dir of [site.workDir, worktreeDir])
      expect(await committed(dir)).toBe('.gitignore\n.patchpoint.json\nsrc/a.txt');
  });

  it('are never dependencies by a wildcard or as a whole, but a single file by its own name', async () => {
    project({
      include: ['node_modules/**', 'node_modules', 'node_modules/a', 'node_modules/.keep', '*.json'],
    });
    write(site.workDir, '.worktreeinclude', 'x/*/node_modules/a.json\n');
    for (const path of [
      'node_modules/a/i.json',
      'node_modules/.keep',
      'x/y/node_modules/a.json',
      'build/a.json',
    ])
      write(site.workDir, path, 'x\n');
    const captured = await capture(site);
    expect(held(captured)).toEqual(['.worktreeinclude', 'build/a.json', 'node_modules/.keep']);
    const why = 'would take dependencies; name single files there, without wildcards';
    expect(reasonsOf(captured).toSorted()).toEqual([
      `.patchpoint.json: not-used: "include"[0], node_modules/**, ${why}`,
      `.patchpoint.json: not-used: "include"[1], node_modules, ${why}`,
      `.worktreeinclude: not-used: line 1, x/*/node_modules/a.json, ${why}`,
      `node_modules/a: not-used: ${why}`,
    ]);
  });

  it('are not what was added by force: that stays tracked', async () => {
    project({ include: ['*.json'] });
    write(site.workDir, 'node_modules/a/own.json', 'patched\n');
    git(site.workDir, 'add', '--force', 'node_modules/a/own.json');
    const { restored } = await expectRoundTrip(site);
    expect(git(restored.worktreeDir, 'ls-files', 'node_modules')).toBe('node_modules/a/own.json');
  });

  it('are found in a repository with SHA-256, by names that rules could misread', async () => {
    const other = makeSite({ '.gitignore': IGNORED }, ['--object-format=sha256']);
    write(other.workDir, '.patchpoint.json', JSON.stringify({ include: ['#a.local', '/b.local'] }));
    for (const path of ['#a.local', 'b.local', 'c/b.local']) write(other.workDir, path, 'x\n');
    const { treeSha } = await capture(other);
    expect(git(other.shadowDir, 'ls-tree', '-r', '--name-only', treeSha).split('\n')).toEqual([
      '#a.local',
      '.gitignore',
      '.patchpoint.json',
      'b.local',
    ]);
    other.remove();
  });

  it('are within the limits of untracked files', async () => {
    project({ include: ['build/'] });
    write(site.workDir, 'build/small', 'x');
    write(site.workDir, 'build/large', 'x'.repeat(5000));
    const captured = await capture(site, { untrackedFileLimitBytes: 1000 });
    expect(held(captured)).toEqual(['build/small']);
    expect(reasonsOf(captured)).toEqual(['build/large: untracked-too-large']);
  });

  it('count once where no rule ignores them', async () => {
    project({ include: ['notes.txt'] });
    const limit = readFileSync(join(site.workDir, '.patchpoint.json')).length;
    const captured = await capture(site, { untrackedTotalLimitBytes: limit });
    expect(captured).toMatchObject({ filesChanged: 1, omissions: [] });
  });

  it('are not what is excluded from captures, and a file that is excluded includes nothing', async () => {
    project({ include: ['.env.*'] });
    write(site.workDir, '.env.a', 'A=1\n');
    write(site.workDir, '.env.b', 'B=1\n');
    const excludeFile = join(site.dir, 'excludes');
    writeFileSync(excludeFile, '.env.b\n');
    expect(held(await capture(site, { excludeFile }))).toEqual(['.env.a']);
    write(site.workDir, '.patchpointignore', '.patchpoint.json\n');
    const captured = await capture(site);
    expect(held(captured)).toEqual(['.patchpointignore']);
    expect(reasonsOf(captured)).toContain(
      '.patchpoint.json: not-used: what it includes, as it is itself excluded from captures; take it out of those rules',
    );
  });

  it.each([
    ['{"include": [', /^not-used: it is not JSON \(.*\); correct it$/],
    ['[]', /^not-used: it must be an object/],
    ['{"setup": ["npm", "ci"]}', /^not-used: "setup" must be a command in one line/],
    ['{"setup": "a\\nb"}', /^not-used: "setup" must be a command in one line/],
    ['{"include": ".env"}', /^not-used: "include" must be a list/],
    ['{"include": [".env.local", 1]}', /^not-used: "include"\[1\] must be a text/],
    [
      '{"include": ["../x"]}',
      /^not-used: "include"\[0\], \.\.\/x, leads outside of the worktree; name files in it$/,
    ],
    ['{"include": ["~/.npmrc"]}', /leads outside of the worktree/],
    ['{"setpu": "npm ci"}', /^not-used: unknown field "setpu"; known are "setup" and "include"$/],
  ])('%s costs no capture, and is named', async (text, reason) => {
    write(site.workDir, '.patchpoint.json', text);
    write(site.workDir, '.env.local', 'A=1\n');
    write(site.workDir, 'src/a.txt', 'the work\n');
    const captured = await capture(site);
    expect(captured.omissions).toEqual([{ path: '.patchpoint.json', reason: expect.stringMatching(reason) }]);
    expect(held(captured)).toEqual(text.includes('[".env.local"') ? ['.env.local'] : []);
    expect((await restore(site, captured)).treeSha).toBe(captured.treeSha);
  });

  it('a link or a folder in place of .patchpoint.json is not read', async () => {
    write(site.workDir, '.env.local', 'A=1\n');
    writeFileSync(join(site.dir, 'outside.json'), '{"include": [".env.local"]}');
    symlinkSync('../outside.json', join(site.workDir, '.patchpoint.json'));
    mkdirSync(join(site.workDir, '.worktreeinclude'));
    const captured = await capture(site);
    expect(held(captured)).toEqual([]);
    expect(captured.omissions.map(({ path }) => path).toSorted()).toEqual([
      '.patchpoint.json',
      '.worktreeinclude',
    ]);
  });
});
