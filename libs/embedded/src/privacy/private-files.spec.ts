import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { NotPrivateError, openPrivately, privateFolder, writePrivately } from './private-files.js';

const itAsRoot = process.geteuid?.() === 0 ? it : it.skip;
const modeOf = (path: string): number => statSync(path).mode & 0o7777;

describe('private files', () => {
  let umask: number;
  let folder: string;
  beforeEach(() => {
    umask = process.umask(0);
    folder = join(temporaryFolder(), 'private');
  });
  afterEach(() => void process.umask(umask));

  it('are closed to others although the umask is 0', async () => {
    privateFolder(folder);
    writePrivately(join(folder, 'token'), 'secret');
    await (await openPrivately(join(folder, 'log'))).close();
    expect([folder, join(folder, 'token'), join(folder, 'log')].map(modeOf)).toEqual([0o700, 0o600, 0o600]);
  });

  it('are closed when they were there before, open to all', async () => {
    mkdirSync(folder);
    for (const name of ['token', 'token.new', 'log']) writeFileSync(join(folder, name), 'old');
    privateFolder(folder);
    writePrivately(join(folder, 'token'), 'secret');
    await (await openPrivately(join(folder, 'log'))).close();
    expect([folder, join(folder, 'token'), join(folder, 'log')].map(modeOf)).toEqual([0o700, 0o600, 0o600]);
  });

  it('let the group of a server pass, and nobody list', () => {
    privateFolder(folder, process.getegid!());
    expect(modeOf(folder)).toBe(0o710);
  });

  it('are never put into a folder for everybody', () => {
    mkdirSync(folder);
    chmodSync(folder, 0o1777);
    expect(() => privateFolder(folder)).toThrow(NotPrivateError);
    expect(modeOf(folder)).toBe(0o1777);
  });

  itAsRoot('are never shared with another user, whose folder or file is refused', async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'log'), '');
    chownSync(join(folder, 'log'), 65_534, 65_534);
    await expect(openPrivately(join(folder, 'log'))).rejects.toThrow(NotPrivateError);
    chownSync(folder, 65_534, 65_534);
    expect(() => privateFolder(folder)).toThrow(/belongs to another user \(65534\)[^]*chown/);
  });
});
