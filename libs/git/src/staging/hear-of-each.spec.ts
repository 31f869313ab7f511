import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { hearOfEach } from './hear-of-each.js';

it.each([
  ['one line each', ["add 'a'\nadd 'b'\n"], ['a', 'b'], 2],
  ['lines in pieces', ["add 'a", "'\nadd", " 'b'"], ['a', 'b'], 1],
  ['line breaks in a name', ["add 'a\n\nb'", "\nadd 'c'"], ['a\n\nb', 'c'], 1],
  ['not all of a name with line breaks', ["add 'a\n"], ['a\nb', 'c'], 0],
  ['more than was asked for', ["add 'a'\nadd 'b'\n"], ['a'], 1],
])('hears of what git is done with: %s', async (_, chunks, paths, count) => {
  const heard: string[] = [];
  await hearOfEach(
    Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
    paths.map((path) => Buffer.from(path)),
    (path) => heard.push(path.toString()),
  );
  expect(heard).toEqual(paths.slice(0, count));
});
