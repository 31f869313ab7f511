import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commitWip } from './commit-wip.js';
import { createWorktree } from './create-worktree.js';
import { fetchMirror } from './ensure-mirror.js';
import { git, makeSite, write, type Site } from './testing/repositories.js';
import { capture, listing, restore } from './testing/round-trip.js';

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
  let marker: string;
  let trace: string;

  beforeEach(() => {
    site = makeSite({
      'readme.md': 'hello  \n',
      'src/a.txt': 'one\r\ntwo \n\nthree\n',
      '.gitattributes': '',
    });
    home = process.env['HOME'];
    process.env['HOME'] = join(site.dir, 'home');
    mkdirSync(process.env['HOME']);
    trace = join(site.dir, 'trace');
    marker = join(site.dir, 'marker.sh');
    writeFileSync(marker, `#!/bin/sh\necho "$0 $*" >> ${trace}\nexit 1\n`);
    chmodSync(marker, 0o755);
  });
  afterEach(() => {
    process.env['HOME'] = home;
    site.remove();
  });

  /** Plants in the repository's configuration and in the user's own. */
  function plant(repositoryConfig: string, settings: readonly [string, string][]): void {
    const hooks = join(site.dir, 'hooks');
    mkdirSync(hooks, { recursive: true });
    for (const hook of HOOKS) plantHook(hooks, hook);
    for (const file of [repositoryConfig, join(process.env['HOME']!, '.gitconfig')]) {
      appendFileSync(file, settings.map((setting) => configLines(setting, hooks)).join(''));
    }
  }

  /** As `git config --file` would write them; a process for each takes longer than what is tested. */
  function configLines([key, value]: [string, string], hooks: string): string {
    const [, section, subsection, name] = /^([^.]+)(?:\.(.+))?\.([^.]+)$/s.exec(key)!.map(real);
    return `[${section}${subsection === undefined ? '' : ` "${subsection}"`}]\n\t${name} = "${real(value)}"\n`;

    function real(text: string): string {
      return text?.replace('MARKER', marker).replace('HOOKS', hooks);
    }
  }

  function plantHook(dir: string, hook: string): void {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, hook), readFileSync(marker), { mode: 0o755 });
  }

  function edit(): void {
    write(site.workDir, '.gitattributes', '* filter=evil diff=evil merge=evil\n');
    write(site.workDir, 'src/a.txt', 'one\r\nTWO \n\n\tthree\n');
    write(site.workDir, 'new file.txt', 'new\r\n');
    write(site.workDir, 'run.sh', '#!/bin/sh\n', 0o755);
  }

  describe.each(COMMANDS)('with %s', (_, ...settings) => {
    it('a capture runs nothing and changes nothing', async () => {
      edit();
      const status = git(site.workDir, 'status', '--porcelain=v2', '--branch');
      const config = readFileSync(join(site.workDir, '.git/config'), 'utf8');
      plant(join(site.workDir, '.git/config'), settings);
      for (const hook of HOOKS) plantHook(join(site.workDir, '.git/hooks'), hook);
      const before = repositoryFiles();
      await capture(site);
      await capture(site);
      expect(repositoryFiles()).toEqual(before);
      expect(traces()).toBe('');
      writeFileSync(join(site.workDir, '.git/config'), config);
      rmSync(join(site.workDir, '.git/hooks'), { recursive: true });
      expect(git(site.workDir, 'status', '--porcelain=v2', '--branch')).toBe(status);
    });

    it('a mirror, a restore, a new worktree, a WIP commit and its push run nothing', async () => {
      edit();
      git(site.workDir, 'add', '.gitattributes');
      git(site.workDir, 'commit', '-qm', 'attributes');
      git(site.workDir, 'push', '-q', 'origin', 'main');
      const captured = await capture(site);
      const first = await restore(site, captured, { name: 'first', branchName: 'first' });
      const mirrorDir = git(first.worktreeDir, 'rev-parse', '--path-format=absolute', '--git-common-dir');
      plant(join(mirrorDir, 'config'), settings);
      for (const hook of HOOKS) plantHook(join(mirrorDir, 'hooks'), hook);
      git(site.workDir, 'stash', '-q', '-u');
      git(site.workDir, 'commit', '-q', '--allow-empty', '-m', 'newer');
      git(site.workDir, 'push', '-q', 'origin', 'main');
      git(site.workDir, 'stash', 'pop', '-q');
      const second = await restore(site, await capture(site));
      expect(listing(second.worktreeDir)).toBe(listing(site.workDir));
      await fetchMirror({ mirrorDir, allowFileProtocol: true });
      const { worktreeDir } = await createWorktree({
        mirrorDir,
        worktreeDir: join(site.dir, 'third'),
        branchName: 'third',
        startPoint: 'origin/main',
      });
      write(worktreeDir, 'work.txt', 'work\n');
      const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };
      expect(
        await commitWip({ worktreeDir, message: 'wip', push: true, identity, allowFileProtocol: true }),
      ).toMatchObject({ outcome: 'committed', pushed: true });
      expect(traces()).toBe('');
    });
  });

  it('the planted commands do run under plain git', () => {
    plant(join(site.workDir, '.git/config'), [
      ['core.fsmonitor', 'MARKER'],
      ['core.hooksPath', 'HOOKS'],
      ['filter.evil.clean', 'MARKER'],
      ['diff.evil.textconv', 'MARKER'],
      ['diff.external', 'MARKER'],
    ]);
    edit();
    for (const command of [['status'], ['diff'], ['add', '-A'], ['commit', '-m', 'x']]) {
      try {
        git(site.workDir, ...command);
      } catch {
        // The marker fails on purpose.
      }
    }
    expect(traces().split('\n').length).toBeGreaterThan(3);
  });

  it('a submodule with a filter of its own is not asked for its status', async () => {
    const inner = makeSite();
    git(site.workDir, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner.originUrl, 'sub');
    git(site.workDir, 'commit', '-qm', 'submodule');
    const submoduleConfig = join(site.workDir, '.git/modules/sub/config');
    plant(submoduleConfig, [
      ['filter.evil.clean', 'MARKER'],
      ['core.fsmonitor', 'MARKER'],
    ]);
    write(site.workDir, 'sub/.gitattributes', '* filter=evil\n');
    write(site.workDir, 'sub/readme.md', 'edited\n');
    await capture(site);
    inner.remove();
    expect(traces()).toBe('');
  });

  function traces(): string {
    return existsSync(trace) ? readFileSync(trace, 'utf8') : '';
  }

  /** Index, refs, HEAD, stash and configuration, byte for byte. */
  function repositoryFiles(): Record<string, string> {
    const files: Record<string, string> = {};
    const visit = (path: string): void => {
      for (const entry of readdirSync(join(site.workDir, '.git', path), { withFileTypes: true })) {
        const name = join(path, entry.name);
        if (entry.isDirectory()) visit(name);
        else files[name] = readFileSync(join(site.workDir, '.git', name)).toString('base64');
      }
    };
    visit('');
    return files;
  }
});
