import { describe, expect, it } from '@jest/globals';
import { HARMLESS_LINE, harmless, harmlessJson, harmlessLine } from './harmless.js';

/** By Unicode's own names, and what some programs take for a line end. */
const ACTED_UPON = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

const everyCharacter = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code));

describe('text of others', () => {
  it.each(everyCharacter.filter((each) => ACTED_UPON.test(each)).map((each) => [each.charCodeAt(0), each]))(
    'never holds character %d',
    (_, each) => {
      expect(harmless(`a${each as string}b`)).toBe('a\uFFFDb');
      expect(harmlessLine(`a${each as string}b`)).toMatch(/^a[\uFFFD ]b$/);
      expect(HARMLESS_LINE.test(`a${each as string}b`)).toBe(false);
      const json = harmlessJson(`["a${each as string}b"]`);
      expect(json).not.toMatch(ACTED_UPON);
      expect(() => JSON.parse(json) as unknown).not.toThrow();
    },
  );

  it('keeps every other character', () => {
    const others = everyCharacter.filter((each) => !ACTED_UPON.test(each)).join('');
    expect(harmless(others)).toBe(others);
    expect(harmlessJson(others)).toBe(others);
  });

  it('has line ends where several lines may be, and a space where one may', () => {
    expect(harmless('a\r\nb\tc\n')).toBe('a\nb\tc\n');
    expect(harmlessLine('a\r\nb\tc')).toBe('a b c');
    expect(HARMLESS_LINE.test('a\nb')).toBe(false);
    expect(HARMLESS_LINE.test('Ünïcode, 名前 and spaces')).toBe(true);
  });

  it('is what was sent, to a program that reads the JSON', () => {
    const sent = 'a\u001B[31m\u009B2J\u202Eb\u2028';
    expect(JSON.parse(harmlessJson(JSON.stringify({ sent })))).toEqual({ sent });
  });
});
