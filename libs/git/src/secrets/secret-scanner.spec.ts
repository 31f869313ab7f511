import { afterAll, describe, expect, it } from '@jest/globals';
import { TOKEN } from '../../testing/secret.js';
import { SecretScanner } from './secret-scanner.js';

const scanner = new SecretScanner();
afterAll(() => scanner.close());
const scan = (text: string | Buffer, milliseconds = 10_000) =>
  scanner.scan('notes.txt', Buffer.from(text), milliseconds);

describe('SecretScanner', () => {
  it('names the rules that found something, each once, and never what they found', async () => {
    expect(await scan(`a ${TOKEN}\nb ${TOKEN}\npostgres://user:pa55word@db.example.com/x\n`)).toEqual([
      'database-connection-string',
      'github',
    ]);
    expect(await scan('const answer = 42;\n')).toEqual([]);
  });

  it('is not switched off by a comment in the file', async () => {
    expect(await scan(`// secretlint-disable\n${TOKEN}\n`)).toEqual(['github']);
  });

  it('reads UTF-16 by its mark, and takes other binary files for no text', async () => {
    const little = Buffer.from(`\uFEFFtoken ${TOKEN}\n`, 'utf16le');
    expect(await scan(little)).toEqual(['github']);
    expect(await scan(Buffer.from(little).swap16())).toEqual(['github']);
    expect(await scan(`\0${TOKEN}`)).toEqual([]);
  });

  it('gives up when its time is over, and goes on with the next', async () => {
    expect(await scan(`x = 1;\n`.repeat(1_000_000), 0)).toBeNull();
    expect(await scan(TOKEN)).toEqual(['github']);
  });

  it('answers each of many questions at once with its own', async () => {
    const answers = await Promise.all([scan(TOKEN), scan('nothing'), scan(TOKEN), scan('')]);
    expect(answers).toEqual([['github'], [], ['github'], []]);
  });
});
