import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureMirror } from '../src/mirror/ensure-mirror.js';
import { makeSite, write, type Site } from '../testing/repositories.js';
import { capture, listing, restore, type Captured } from '../testing/round-trip.js';

/** Settings of ordinary users that have broken patches before. */
const ORDINARY: [string, string][] = [
  ['diff.noprefix', 'true'],
  ['diff.mnemonicPrefix', 'true'],
  ['diff.context', '0'],
  ['diff.interHunkContext', '20'],
  ['diff.renames', 'copies'],
  ['diff.algorithm', 'patience'],
  ['diff.indentHeuristic', 'false'],
  ['diff.submodule', 'log'],
  ['diff.ignoreSubmodules', 'all'],
  ['diff.relative', 'true'],
  ['diff.suppressBlankEmpty', 'true'],
  ['diff.orderFile', '/nonexistent'],
  ['diff.srcPrefix', 'x/'],
  ['color.ui', 'always'],
  ['core.quotePath', 'false'],
  ['core.abbrev', '4'],
  ['core.autocrlf', 'true'],
  ['core.eol', 'crlf'],
  ['core.safecrlf', 'true'],
  ['core.whitespace', 'trailing-space,cr-at-eol'],
  ['core.symlinks', 'false'],
  ['core.fileMode', 'false'],
  ['core.ignoreCase', 'true'],
  ['core.checkStat', 'minimal'],
  ['core.trustctime', 'false'],
  ['core.untrackedCache', 'true'],
  ['core.splitIndex', 'true'],
  ['core.bigFileThreshold', '1'],
  ['core.attributesFile', '/nonexistent'],
  ['apply.whitespace', 'fix'],
  ['apply.ignoreWhitespace', 'change'],
  ['status.showUntrackedFiles', 'no'],
  ['index.version', '4'],
  ['feature.manyFiles', 'true'],
  ['fetch.prune', 'true'],
  ['commit.template', '/nonexistent'],
];

describe('a merely peculiar configuration', () => {
  let site: Site;
  let home: string | undefined;
  let expected: Captured;
  /**
   * The configuration of the user, of the repository and of the mirror where it is restored: file → what it
   * holds.
   */
  let configs: Map<string, string>;

  beforeAll(async () => {
    site = makeSite({
      'readme.md': 'hello  \n',
      'src/a.txt': 'one\r\ntwo \n\nthree\n',
      '.gitattributes': '',
    });
    home = process.env['HOME'];
    process.env['HOME'] = join(site.dir, 'home');
    mkdirSync(process.env['HOME']);
    write(site.workDir, '.gitattributes', '* filter=evil diff=evil merge=evil\n');
    write(site.workDir, 'src/a.txt', 'one\r\nTWO \n\n\tthree\n');
    write(site.workDir, 'new file.txt', 'new\r\n');
    write(site.workDir, 'run.sh', '#!/bin/sh\n', 0o755);
    expected = await capture({ ...site, shadowDir: join(site.dir, 'plain-shadow.git') });
    const { mirrorDir } = await ensureMirror({
      mirrorsDir: join(site.dir, 'other-machine', 'mirrors'),
      sourceUrl: site.originUrl,
      allowFileProtocol: true,
    });
    const own = [join(site.workDir, '.git/config'), join(mirrorDir, 'config')];
    configs = new Map(own.map((file) => [file, readFileSync(file, 'utf8')]));
    configs.set(join(process.env['HOME'], '.gitconfig'), '');
  });
  afterAll(() => {
    process.env['HOME'] = home;
    site.remove();
  });

  it.each(ORDINARY)('%s=%s changes neither patch nor restore', async (key, value) => {
    const [section, name] = key.split('.');
    for (const [file, before] of configs) {
      writeFileSync(file, before);
      appendFileSync(file, `[${section}]\n\t${name} = "${value}"\n`);
    }
    const captured = await capture({ ...site, shadowDir: join(site.dir, `${key}-shadow.git`) });
    expect(captured.treeSha).toBe(expected.treeSha);
    expect(captured.patch!.sha256).toBe(expected.patch!.sha256);
    const restored = await restore(site, captured, { name: key, branchName: `task/${key}` });
    expect(listing(restored.worktreeDir)).toBe(listing(site.workDir));
  });
});
