import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commitWip } from '../src/capture/commit-wip.js';
import { ensureMirror } from '../src/mirror/ensure-mirror.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, listing, restore, type Captured } from '../testing/round-trip.js';

describe('a restored worktree is the lost one: settings where it is restored', () => {
  let site: Site;
  let captured: Captured;
  let configFile: string;
  let config: string;

  beforeAll(async () => {
    site = makeSite({
      '.gitattributes': '*.txt text=auto\n',
      'lf.txt': 'one\ntwo\n',
      'plain.md': 'one\ntwo\n',
    });
    symlinkSync('lf.txt', join(site.workDir, 'link'));
    write(site.workDir, 'run.sh', '#!/bin/sh\n', 0o755);
    git(site.workDir, 'add', '-A');
    git(site.workDir, 'commit', '-qm', 'a link and a program');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    write(site.workDir, 'edited.txt', 'one\r\ntwo\n');
    symlinkSync('nowhere', join(site.workDir, 'new-link'));
    write(site.workDir, 'new.sh', '#!/bin/sh\n', 0o755);
    captured = await capture(site);
    const { mirrorDir } = await ensureMirror({
      mirrorsDir: join(site.dir, 'other-machine', 'mirrors'),
      sourceUrl: site.originUrl,
      allowFileProtocol: true,
    });
    configFile = join(mirrorDir, 'config');
    config = readFileSync(configFile, 'utf8');
  });
  afterAll(() => site.remove());

  it.each([
    'autocrlf = true',
    'eol = crlf',
    'attributesFile = ATTRIBUTES',
    'symlinks = false',
    'fileMode = false',
  ])('core.%s', async (setting) => {
    write(site.dir, 'attributes', '*.md text eol=crlf\n');
    writeFileSync(
      configFile,
      `${config}[core]\n\t${setting.replace('ATTRIBUTES', join(site.dir, 'attributes'))}\n`,
    );
    const name = setting.split(' ')[0]!;
    const { worktreeDir } = await restore(site, captured, { name, branchName: name });
    expect(listing(worktreeDir)).toBe(listing(site.workDir));
  });
});

it('a WIP commit has modes and bytes in it where core.fileMode is off and core.safecrlf on', async () => {
  const site = makeSite({ '.gitattributes': '* text=auto\n' });
  git(site.workDir, 'config', 'core.fileMode', 'false');
  git(site.workDir, 'config', 'core.safecrlf', 'true');
  write(site.workDir, 'mixed.txt', 'one\r\ntwo\n');
  write(site.workDir, 'run.sh', '#!/bin/sh\n', 0o755);
  const identity = { name: 'Ada', email: 'ada@example.com' };
  const wip = await commitWip({ worktreeDir: site.workDir, message: 'wip', push: false, identity });
  expect(wip).toMatchObject({ outcome: 'committed' });
  expect(git(site.workDir, 'ls-tree', 'HEAD', 'run.sh')).toMatch(/^100755 /);
  site.remove();
});
