import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { madeUpFiles, type MadeUpFile } from './made-up-files.js';

describe('madeUpFiles', () => {
  const files = [...madeUpFiles(2000)];

  it('makes as many files as wanted, each at a path of its own, and no file where another needs a folder', () => {
    const paths = new Set(files.map((file) => file.path));
    const folders = files.map((file) => file.path.slice(0, file.path.lastIndexOf('/')));
    expect(paths.size).toBe(2000);
    expect(folders.filter((folder) => paths.has(folder))).toEqual([]);
  });

  it('makes the same files every time', () => {
    expect(digestOf([...madeUpFiles(2000)])).toBe(digestOf(files));
  });

  it('spreads the sizes as real trees do', () => {
    const sizes = files.map((file) => file.content.length).sort((a, b) => a - b);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(sizes[1000]).toBeGreaterThan(2000);
    expect(sizes[1000]).toBeLessThan(4000);
    expect(mean).toBeGreaterThan(4000);
    expect(mean).toBeLessThan(6000);
  });
});

function digestOf(files: readonly MadeUpFile[]): string {
  const hash = createHash('sha256');
  for (const { path, content, isExecutable } of files)
    hash.update(`${path} ${isExecutable}\n`).update(content);
  return hash.digest('hex');
}
