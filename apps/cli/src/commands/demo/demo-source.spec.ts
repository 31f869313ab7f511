import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { temporaryFolder } from '#testing';
import { openDemoSource } from './demo-source.js';

describe('a repository that the demo cannot clone', () => {
  const repoAt = (folder: string) => execaSync('git', ['init', '--quiet', folder]);

  it.each<[string, (folder: string) => string, string]>([
    ['is none', (folder) => folder, 'Give the demo a git repository'],
    [
      'is the folder above',
      (folder) => {
        repoAt(folder);
        mkdirSync(join(folder, 'sub'));
        return join(folder, 'sub');
      },
      'Name that one: ',
    ],
    [
      'is damaged',
      (folder) => {
        repoAt(folder);
        writeFileSync(join(folder, '.git/config'), '[core');
        return folder;
      },
      '`git clone` must work on it first.',
    ],
  ])('%s: with what git said, and advice that is right', async (_, make, advice) => {
    const repo = make(realpathSync(temporaryFolder()));
    const error: unknown = await openDemoSource(repo, temporaryFolder()).catch((reason: unknown) => reason);
    const [first, ...rest] = (error as Error).message.split('\n');
    expect(first).toMatch(/cannot be cloned\. git said: fatal: /);
    expect(rest.at(-1)).toContain(advice);
  });
});
