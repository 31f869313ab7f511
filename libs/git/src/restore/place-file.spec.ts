import { spawn } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { placeFile, removeUnplaced } from './place-file.js';
import { compileLibrary } from '../../testing/killed-restore.js';
import { makeTempDir } from '../../testing/repositories.js';

const LARGE_BYTES = 256 * 1024 * 1024;

describe('a file that is put in its place', () => {
  let home: ReturnType<typeof makeTempDir>;
  let dir: string;
  beforeEach(() => {
    home = makeTempDir();
    dir = join(home.dir, 'here');
    mkdirSync(dir);
  });
  afterEach(() => home.remove());

  const place = (name: string): Buffer => Buffer.from(join(dir, name));

  it('has its bytes and its mode, and nothing lies beside it', async () => {
    await placeFile(place('run.sh'), Buffer.from('#!/bin/sh\n'), { beforeUmask: 0o777 });
    await placeFile(place('link'), Buffer.from('run.sh'), undefined);
    expect(readFileSync(join(dir, 'run.sh'), 'utf8')).toBe('#!/bin/sh\n');
    expect(statSync(join(dir, 'run.sh')).mode & 0o100).toBe(0o100);
    expect(readlinkSync(join(dir, 'link'))).toBe('run.sh');
    expect(readdirSync(dir).sort()).toEqual(['link', 'run.sh']);
  });

  it('may have the longest name that there is', async () => {
    const name = 'n'.repeat(255);
    await placeFile(place(name), Buffer.from('x'), { beforeUmask: 0o666 });
    expect(readdirSync(dir)).toEqual([name]);
  });

  it('never takes the name of something else, and then nothing is left of it', async () => {
    writeFileSync(join(dir, 'mine'), 'mine');
    await expect(placeFile(place('mine'), Buffer.from('x'), { beforeUmask: 0o666 })).rejects.toMatchObject({
      code: 'EEXIST',
    });
    expect(readFileSync(join(dir, 'mine'), 'utf8')).toBe('mine');
    expect(readdirSync(dir)).toEqual(['mine']);
  });

  it('is never there in part: a kill leaves its beginning under another name, which the next try removes', async () => {
    const libraryDir = compileLibrary(join(home.dir, 'library'));
    await killedWhileWriting(libraryDir);
    const [left, ...others] = readdirSync(dir);
    expect(others).toEqual([]);
    expect(left).toMatch(/^\.patchpoint-writing-/);
    expect(lstatSync(join(dir, left!)).size).toBeLessThan(LARGE_BYTES);

    await removeUnplaced([place('another.bin')]);
    expect(readdirSync(dir)).toEqual([left]);
    await removeUnplaced([place('large.bin')]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('of a process that still runs is left to it', async () => {
    const theirs = spawn('sleep', ['60']);
    try {
      await placeFile(place('a'), Buffer.from('a'), { beforeUmask: 0o666 });
      // Learnt from a kill, as a name is nobody's business but this module's.
      const [left] = await nameWhileWriting(compileLibrary(join(home.dir, 'library')));
      const running = left!.replace(/-\d+-/, `-${theirs.pid}-`);
      writeFileSync(join(dir, running), 'theirs');
      await removeUnplaced([place('large.bin')]);
      expect(readdirSync(dir).sort()).toEqual([running, 'a']);
    } finally {
      theirs.kill('SIGKILL');
    }
  });

  async function nameWhileWriting(libraryDir: string): Promise<string[]> {
    await killedWhileWriting(libraryDir);
    return readdirSync(dir).filter((name) => name.startsWith('.'));
  }

  /** In a process of its own that gets SIGKILL as soon as there is something of the file. */
  async function killedWhileWriting(libraryDir: string): Promise<void> {
    const script = `
      import { placeFile } from ${JSON.stringify(join(libraryDir, 'restore/place-file.js'))};
      await placeFile(Buffer.from(${JSON.stringify(join(dir, 'large.bin'))}), Buffer.alloc(${LARGE_BYTES}, 1), { beforeUmask: 0o666 });
    `;
    const writer = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
    const ended = new Promise((resolve) => writer.once('exit', resolve));
    const begun = () =>
      expect(readdirSync(dir).some((name) => lstatSync(join(dir, name)).size > 1_000_000)).toBe(true);
    await eventually(begun, { intervalMs: 1, timeoutMs: 60_000 });
    writer.kill('SIGKILL');
    await ended;
  }
});
