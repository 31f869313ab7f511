import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir, write } from '../../testing/repositories.js';
import { listFilesBelow } from './list-files-below.js';

describe('listFilesBelow', () => {
  let temp: ReturnType<typeof makeTempDir>;
  beforeEach(() => {
    temp = makeTempDir();
    for (const path of ['b/1', 'b/c/2', 'b/node_modules/3', 'b/nested/.git/HEAD', 'b/nested/4'])
      write(temp.dir, path, 'x');
  });
  afterEach(() => temp.remove());

  const list = (maxFiles?: number) =>
    listFilesBelow(temp.dir, [Buffer.from('b/'), Buffer.from('b/node_modules/')], maxFiles);

  it('passes over dependencies, nested repositories and what links lead to', async () => {
    symlinkSync('.', join(temp.dir, 'b', 'link'));
    const { paths, unseen } = await list();
    expect(paths.map(String).toSorted()).toEqual(['b/1', 'b/c/2', 'b/link']);
    expect(unseen).toEqual([]);
  });

  it('stops at a number of files, and names where', async () => {
    for (let at = 0; at < 10; at += 1) write(temp.dir, `b/c/d/${at}`, 'x');
    const { paths, unseen } = await list(5);
    expect(paths.length).toBeLessThan(13);
    expect(unseen).toEqual([
      {
        path: Buffer.from('b/c/d/'),
        reason: expect.stringContaining('not-used: more than 5 ignored files'),
      },
    ]);
  });
});
