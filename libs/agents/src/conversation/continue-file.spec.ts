import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ConversationFile } from '#contracts';
import { continueFile } from './continue-file.js';

const file = (text: string, generation = 1): ConversationFile => ({
  path: 'a',
  lengthBytes: text.length,
  sha256: createHash('sha256').update(text).digest('hex'),
  generation,
});

describe('continueFile', () => {
  it.each<[string, string, { sent?: ConversationFile; stored?: ConversationFile }, object]>([
    ['carries a new file whole', 'one\n', {}, { generation: 1, fromByte: 0 }],
    [
      'carries what came after the stored part',
      'one\ntwo\n',
      { sent: file('one\n'), stored: file('one\n') },
      { generation: 1, fromByte: 4 },
    ],
    [
      'carries again what is sent and not stored',
      'one\ntwo\nthree\n',
      { sent: file('one\ntwo\n'), stored: file('one\n') },
      { generation: 1, fromByte: 4 },
    ],
    [
      'carries a file whole of which nothing is stored',
      'one\ntwo\n',
      { sent: file('one\n') },
      { fromByte: 0 },
    ],
    [
      'carries nothing of a file that has not changed',
      'one\n',
      { sent: file('one\n'), stored: file('one\n') },
      { fromByte: 4 },
    ],
    [
      'begins a new generation of a file that was rewritten',
      'six\ntwo\n',
      { sent: file('one\n'), stored: file('one\n') },
      { generation: 2, fromByte: 0 },
    ],
    [
      'begins one of a file that was cut',
      'on',
      { sent: file('one\n'), stored: file('one\n') },
      { generation: 2, fromByte: 0 },
    ],
    [
      'begins one where only what is not stored yet was rewritten',
      'one\nsix\n',
      { sent: file('one\ntwo\n'), stored: file('one\n') },
      { generation: 2, fromByte: 0 },
    ],
    [
      'goes on with a generation of which nothing is stored',
      'six\nseven\n',
      { sent: file('six\n', 2), stored: file('one\n') },
      { generation: 2, fromByte: 0 },
    ],
  ])('%s', (_, text, { sent, stored }, expected) => {
    const before = { sent: sent ? [sent] : [], stored: stored ? [stored] : [] };
    const continued = continueFile('a', Buffer.from(text), before);
    expect(continued).toMatchObject({ path: 'a', lengthBytes: text.length, ...expected });
  });
});
