import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { readEncryptionKeys } from './encryption-keys.js';

const [one, two] = [randomBytes(32), randomBytes(32)];
const TEXT = `# the newest first\n\nnew ${one.toString('base64')}\nold ${two.toString('base64')}\n`;

function aFile(text: string, mode = 0o600): string {
  const file = join(temporaryFolder(), 'keys');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

describe('readEncryptionKeys', () => {
  it('reads them from a file, or from what a command prints, in their order', () => {
    const keys = [
      { id: 'new', key: one },
      { id: 'old', key: two },
    ];
    const file = aFile(TEXT);
    expect(readEncryptionKeys(file, undefined)).toEqual(keys);
    expect(readEncryptionKeys(undefined, `cat '${file}'`)).toEqual(keys);
    expect(readEncryptionKeys(undefined, undefined)).toEqual([]);
  });

  it.each([
    ['others can read', aFileOf(TEXT, 0o604), 'others can read it'],
    ['is empty', aFileOf('# nothing\n'), 'there is no key in it'],
    ['has too short a key', aFileOf('a c2hvcnQ=\n'), 'line 1 is not an id and 32 bytes'],
    ['has an id twice', aFileOf(`${TEXT}new ${two.toString('base64')}\n`), 'two keys have one id'],
  ])('refuses a file that %s, without saying a key', (_, make, reason) => {
    const file = make();
    expect(() => readEncryptionKeys(file, undefined)).toThrow(reason);
    expect(() => readEncryptionKeys(file, undefined)).not.toThrow(one.toString('base64'));
  });

  it('refuses a command that fails, without what it printed, and both at once', () => {
    expect(() => readEncryptionKeys(undefined, 'echo secret; exit 3')).toThrow(/exit code 3/);
    expect(() => readEncryptionKeys(undefined, 'echo secret; exit 3')).not.toThrow(/secret;|^secret/);
    expect(() => readEncryptionKeys('file', 'command')).toThrow('not both');
  });
});

function aFileOf(text: string, mode?: number): () => string {
  return () => aFile(text, mode);
}
