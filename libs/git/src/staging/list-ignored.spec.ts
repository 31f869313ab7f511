import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { makeSite, write } from '../../testing/repositories.js';
import { listIgnored } from './list-changes.js';

it('listIgnored matches the others when one path has come to lie behind a link', async () => {
  const site = makeSite();
  write(site.workDir, '.gitignore', '*.log\n');
  rmSync(join(site.workDir, 'src'), { recursive: true });
  symlinkSync('..', join(site.workDir, 'src'));
  const index = { gitDir: join(site.workDir, '.git'), workTree: site.workDir };
  const paths = ['a.log', 'src/b.log', 'c.txt', 'd.log'].map((path) => Buffer.from(path));
  expect((await listIgnored(index, paths)).map(String)).toEqual(['a.log', 'd.log']);
  site.remove();
});
