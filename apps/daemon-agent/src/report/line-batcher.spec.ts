import { describe, expect, it } from '@jest/globals';
import { LineBatcher } from './line-batcher.js';

function batch(...chunks: Buffer[]): string[] {
  const texts: string[] = [];
  const batcher = new LineBatcher((text) => texts.push(text));
  for (const chunk of chunks) batcher.push(chunk);
  batcher.end();
  return texts;
}

describe('LineBatcher', () => {
  it('joins lines that arrive in pieces, and emits the last unfinished one at the end', () => {
    expect(batch(Buffer.from('a\nb'), Buffer.from('c\nd')).join('')).toBe('a\nbc\nd');
  });

  it('does not break a character that is split between chunks', () => {
    const bytes = Buffer.from('ü\n');
    expect(batch(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['ü\n']);
  });

  it('cuts a very long line into pieces below the limit of a message', () => {
    const texts = batch(Buffer.from('x'.repeat(100_000)));
    expect(texts.join('')).toHaveLength(100_000);
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(32 * 1024);
  });

  it('cuts no character in two', () => {
    const line = `x${'😀'.repeat(40_000)}`;
    const texts = batch(Buffer.from(line));
    expect(texts.join('')).toBe(line);
    expect(texts.map((text) => Buffer.from(text).toString())).toEqual(texts);
  });

  it('shows NUL as a symbol, because readers of text do not accept it', () => {
    expect(batch(Buffer.from('a\0b\n'))).toEqual(['a␀b\n']);
  });
});
