import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { placeOver } from './place-over.js';

describe('placeOver', () => {
  const source = (paths: Record<string, string>): string => {
    const dir = temporaryFolder();
    for (const [path, text] of Object.entries(paths)) {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    return dir;
  };

  it('replaces a file, and makes the folders that are missing', async () => {
    const [from, to] = [source({ a: 'new', 'b/c/d': 'deep' }), source({ a: 'old' })];
    await placeOver(from, to, 'a');
    await placeOver(from, to, 'b/c/d');
    expect(readFileSync(join(to, 'a'), 'utf8')).toBe('new');
    expect(readFileSync(join(to, 'b/c/d'), 'utf8')).toBe('deep');
  });

  it('makes no folder more readable than it was, and takes from one that was read-only', async () => {
    const [from, to] = [source({ 'private/s': 'secret', 'fixed/f': 'text' }), temporaryFolder()];
    chmodSync(join(from, 'private'), 0o700);
    chmodSync(join(from, 'fixed'), 0o555);
    await placeOver(from, to, 'private/s');
    await placeOver(from, to, 'fixed/f');
    expect(statSync(join(to, 'private')).mode & 0o777).toBe(0o700);
    expect(statSync(join(to, 'fixed')).mode & 0o777).toBe(0o755);
  });

  it.each(['link', 'file'])('refuses a %s in the place of a folder', async (kind) => {
    const [from, to, outside] = [source({ 'd/f': 'new' }), temporaryFolder(), temporaryFolder()];
    if (kind === 'link') symlinkSync(outside, join(to, 'd'));
    else writeFileSync(join(to, 'd'), '');
    await expect(placeOver(from, to, 'd/f')).rejects.toThrow('d is in the way of d/f.');
    expect(readdirSync(outside)).toEqual([]);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('never writes outside while a folder and a link change places all the time', async () => {
    const [to, outside] = [temporaryFolder(), temporaryFolder()];
    mkdirSync(join(to, 'd'));
    symlinkSync(outside, join(to, 'link'));
    const swap = `const { renameSync } = require('fs');
      process.chdir(${JSON.stringify(to)});
      console.log('begun');
      const r = (from, to) => { try { renameSync(from, to); } catch {} };
      for (let n = 0; ; n += 1) { r('d', 'kept' + n); r('link', 'd'); r('d', 'link'); r('kept' + n, 'd'); }`;
    const swapping = spawn(process.execPath, ['-e', swap], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(swapping, 'exit');
    try {
      await once(swapping.stdout, 'data');
      const names = Array.from({ length: 1000 }, (_, at) => `d/${at}`);
      const from = source(Object.fromEntries(names.map((name) => [name, 'chosen by an agent'])));
      let placed = 0;
      for (const name of names) {
        await placeOver(from, to, name).then(
          () => (placed += 1),
          () => undefined,
        );
      }
      expect(placed).toBeGreaterThan(0);
    } finally {
      swapping.kill('SIGKILL');
      await ended;
    }
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync(outside)).toBe(true);
  });
});
