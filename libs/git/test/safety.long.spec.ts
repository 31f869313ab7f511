import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { commitWip } from '../src/capture/commit-wip.js';
import { createWorktree } from '../src/mirror/create-worktree.js';
import { fetchMirror } from '../src/mirror/ensure-mirror.js';
import { makeMarker, type Marker } from '../testing/marker.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, listing, mirrorElsewhere, restore } from '../testing/round-trip.js';

const HOOKS = [
  'post-checkout',
  'pre-commit',
  'post-commit',
  'reference-transaction',
  'post-index-change',
  'pre-push',
];

/** Settings that name a command; MARKER stands for one that leaves a trace. */
const COMMANDS: [string, ...[string, string][]][] = [
  ['a hooks path', ['core.hooksPath', 'HOOKS']],
  ['a file system monitor', ['core.fsmonitor', 'MARKER']],
  ['a clean filter', ['filter.evil.clean', 'MARKER'], ['filter.evil.required', 'true']],
  ['a smudge filter', ['filter.evil.smudge', 'MARKER'], ['filter.evil.required', 'true']],
  ['a long-running filter', ['filter.evil.process', 'MARKER'], ['filter.evil.required', 'true']],
  ['a textconv', ['diff.evil.textconv', 'MARKER']],
  ['a diff driver', ['diff.evil.command', 'MARKER']],
  ['an external diff', ['diff.external', 'MARKER']],
  ['a merge driver', ['merge.evil.driver', 'MARKER']],
  ['aliases', ['alias.diff-tree', '!MARKER'], ['alias.status', '!MARKER'], ['alias.ls-files', '!MARKER']],
  ['a pager', ['core.pager', 'MARKER'], ['pager.diff-tree', 'true'], ['pager.config', 'true']],
  ['an editor', ['core.editor', 'MARKER'], ['sequence.editor', 'MARKER']],
  ['an ssh command', ['core.sshCommand', 'MARKER']],
  ['a credential helper', ['credential.helper', '!MARKER']],
  ['an askpass program', ['core.askPass', 'MARKER']],
  ['a signing program', ['gpg.program', 'MARKER'], ['commit.gpgSign', 'true'], ['push.gpgSign', 'true']],
  ['a lister of alternate refs', ['core.alternateRefsCommand', 'MARKER']],
  ['a pack hook', ['uploadpack.packObjectsHook', 'MARKER']],
  ['an upload-pack program', ['remote.origin.uploadpack', 'MARKER']],
  ['a receive-pack program', ['remote.origin.receivepack', 'MARKER']],
  [
    'a URL rewritten to a command',
    ['url.ext::MARKER %S .insteadOf', 'file://'],
    ['protocol.ext.allow', 'always'],
  ],
  ['a remote helper', ['remote.origin.vcs', 'ext'], ['protocol.ext.allow', 'always']],
  ['a submodule update command', ['submodule.sub.update', '!MARKER'], ['submodule.recurse', 'true']],
];

describe('a hostile configuration', () => {
  let site: Site;
  let home: string | undefined;
  let marker: Marker;
  /** What `.git/config` of the repository and of the mirror hold before anything is planted. */
  let plainConfigs: Map<string, string>;

  /** A repository whose attributes name filters and drivers, with edits that git would ask them about. */
  beforeAll(() => {
    site = makeSite({
      'readme.md': 'hello  \n',
      'src/a.txt': 'one\r\ntwo \n\nthree\n',
      '.gitattributes': '* filter=evil diff=evil merge=evil\n',
    });
    home = process.env['HOME'];
    process.env['HOME'] = join(site.dir, 'home');
    mkdirSync(process.env['HOME']);
    marker = makeMarker(site.dir);
    write(site.workDir, 'src/a.txt', 'one\r\nTWO \n\n\tthree\n');
    write(site.workDir, 'new file.txt', 'new\r\n');
    write(site.workDir, 'run.sh', '#!/bin/sh\n', 0o755);
    plainConfigs = new Map();
  });
  afterEach(() => {
    for (const [file, config] of plainConfigs) writeFileSync(file, config);
    rmSync(join(process.env['HOME']!, '.gitconfig'), { force: true });
    rmSync(join(site.dir, 'trace'), { force: true });
  });
  afterAll(() => {
    process.env['HOME'] = home;
    site.remove();
  });

  /** Plants in a repository and in the user's own configuration, until the end of the test. */
  function plant(gitDir: string, settings: readonly [string, string][]): void {
    const hooks = join(site.dir, 'hooks');
    const config = join(gitDir, 'config');
    plainConfigs.set(config, plainConfigs.get(config) ?? readFileSync(config, 'utf8'));
    for (const dir of [hooks, join(gitDir, 'hooks')]) for (const hook of HOOKS) plantHook(dir, hook);
    for (const file of [config, join(process.env['HOME']!, '.gitconfig')]) {
      appendFileSync(file, settings.map((setting) => configLines(setting, hooks)).join(''));
    }
  }

  /** As `git config --file` would write them; a process for each takes longer than what is tested. */
  function configLines([key, value]: [string, string], hooks: string): string {
    const [, section, subsection, name] = /^([^.]+)(?:\.(.+))?\.([^.]+)$/s.exec(key)!.map(real);
    return `[${section}${subsection === undefined ? '' : ` "${subsection}"`}]\n\t${name} = "${real(value)}"\n`;

    function real(text: string): string {
      return text?.replace('MARKER', marker.program).replace('HOOKS', hooks);
    }
  }

  function plantHook(dir: string, hook: string): void {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, hook), readFileSync(marker.program), { mode: 0o755 });
  }

  describe('of the repository that is captured', () => {
    const gitDir = (): string => join(site.workDir, '.git');
    const statusOf = (): string => git(site.workDir, 'status', '--porcelain=v2', '--branch');
    let status: string;
    beforeAll(() => {
      status = statusOf();
    });
    afterEach(() => rmSync(join(gitDir(), 'hooks'), { recursive: true }));

    it.each(COMMANDS)('with %s: a capture runs nothing and changes nothing', async (name, ...settings) => {
      plant(gitDir(), settings);
      const before = repositoryFiles();
      const shadowDir = join(site.dir, `${name} shadow.git`);
      await capture({ ...site, shadowDir });
      await capture({ ...site, shadowDir });
      expect(repositoryFiles()).toEqual(before);
      expect(marker.traces()).toBe('');
      writeFileSync(join(gitDir(), 'config'), plainConfigs.get(join(gitDir(), 'config'))!);
      rmSync(join(gitDir(), 'hooks'), { recursive: true });
      mkdirSync(join(gitDir(), 'hooks'));
      expect(statusOf()).toBe(status);
    });

    /** Index, refs, HEAD, stash and configuration, byte for byte. */
    function repositoryFiles(): Record<string, string> {
      const files: Record<string, string> = {};
      const visit = (path: string): void => {
        for (const entry of readdirSync(join(gitDir(), path), { withFileTypes: true })) {
          const name = join(path, entry.name);
          if (entry.isDirectory()) visit(name);
          else files[name] = readFileSync(join(gitDir(), name)).toString('base64');
        }
      };
      visit('');
      return files;
    }
  });

  describe('of the mirror that a task is brought back from', () => {
    let mirrorDir: string;
    beforeAll(async () => {
      mirrorDir = await mirrorElsewhere(site);
    });

    it.each(COMMANDS)(
      'with %s: a fetch, a restore, a new worktree, a WIP commit and its push run nothing',
      async (name, ...settings) => {
        plant(mirrorDir, settings);
        git(site.workDir, 'commit', '-q', '--allow-empty', '-m', 'newer');
        git(site.workDir, 'push', '-q', 'origin', 'main');
        const taskName = name.replaceAll(' ', '-');
        const restored = await restore(site, await capture(site), {
          name: `restored ${name}`,
          branchName: `restored/${taskName}`,
        });
        expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
        await fetchMirror({ mirrorDir, allowFileProtocol: true });
        const { worktreeDir, gitDir } = await createWorktree({
          mirrorDir,
          worktreeDir: join(site.dir, `new ${name}`, 'tree'),
          taskDir: join(site.dir, `new ${name}`),
          branchName: `new/${taskName}`,
          startPoint: 'origin/main',
        });
        plant(gitDir, settings);
        write(worktreeDir, 'work.txt', 'work\n');
        const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };
        expect(
          await commitWip({
            worktreeDir,
            gitDir,
            message: 'wip',
            push: true,
            identity,
            allowFileProtocol: true,
          }),
        ).toMatchObject({ outcome: 'committed', pushed: true });
        expect(marker.traces()).toBe('');
      },
    );
  });

  it('of a submodule does not run, since it is not asked for its status', async () => {
    const inner = makeSite();
    const outer = makeSite();
    git(outer.workDir, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner.originUrl, 'sub');
    git(outer.workDir, 'commit', '-qm', 'submodule');
    plant(join(outer.workDir, '.git/modules/sub'), [
      ['filter.evil.clean', 'MARKER'],
      ['core.fsmonitor', 'MARKER'],
    ]);
    write(outer.workDir, 'sub/.gitattributes', '* filter=evil\n');
    write(outer.workDir, 'sub/readme.md', 'edited\n');
    await capture(outer);
    expect(marker.traces()).toBe('');
    plainConfigs.clear();
    inner.remove();
    outer.remove();
  });

  it('does run under plain git', () => {
    plant(join(site.workDir, '.git'), [
      ['core.fsmonitor', 'MARKER'],
      ['core.hooksPath', 'HOOKS'],
      ['filter.evil.clean', 'MARKER'],
      ['diff.evil.textconv', 'MARKER'],
      ['diff.external', 'MARKER'],
    ]);
    for (const command of [['status'], ['diff'], ['add', '-A'], ['commit', '-m', 'x']]) {
      try {
        git(site.workDir, ...command);
      } catch {
        // The marker fails on purpose.
      }
    }
    expect(marker.traces().split('\n').length).toBeGreaterThan(3);
  });
});
