import { describe, expect, it } from '@jest/globals';
import { MAX_JSON_DEPTH, MAX_JSON_VALUES } from '../fields/limits.js';
import { ContractError } from './contract-error.js';
import { scanJson } from './scan-json.js';

function refusalOf(
  text: string,
  opaque?: ReadonlySet<string>,
): { code: string; path: string | undefined } | undefined {
  try {
    scanJson(text, opaque);
    return undefined;
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { code: error.code, path: error.path };
  }
}

function carried(text: string, ...keys: string[]): Record<string, string> {
  const slices = scanJson(text, new Set(keys));
  return Object.fromEntries([...slices].map(([key, { start, end }]) => [key, text.slice(start, end)]));
}

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('the limits of a scan', () => {
  it('takes as many levels as are allowed, and refuses one more', () => {
    expect(refusalOf(nested(MAX_JSON_DEPTH))).toBeUndefined();
    expect(refusalOf(nested(MAX_JSON_DEPTH + 1))).toMatchObject({ code: 'TOO_DEEP' });
    expect(refusalOf(nested(1_000_000))).toMatchObject({ code: 'TOO_DEEP' });
  });

  it('counts levels that are open, not all there are', () => {
    expect(refusalOf(`[${Array(200).fill(nested(2)).join(',')}]`)).toBeUndefined();
  });

  it('counts levels in what it does not look into', () => {
    const text = (levels: number): string => `{"h":${nested(levels)}}`;
    expect(refusalOf(text(MAX_JSON_DEPTH - 1), new Set(['h']))).toBeUndefined();
    expect(refusalOf(text(MAX_JSON_DEPTH), new Set(['h']))).toMatchObject({ code: 'TOO_DEEP' });
  });

  it('takes as many values as are allowed, and refuses one more', () => {
    const list = (count: number): string => `[${Array(count).fill('1').join(',')}]`;
    expect(refusalOf(list(MAX_JSON_VALUES - 1))).toBeUndefined();
    expect(refusalOf(list(MAX_JSON_VALUES))).toEqual({
      code: 'TOO_MANY_VALUES',
      path: String(MAX_JSON_VALUES - 1),
    });
  });

  it.each(['""', '{}', '[]', 'true', '-1.5e3', '"\\""'])('counts %s as one value', (value) => {
    const pairs = (count: number): string =>
      `{${Array.from({ length: count }, (_, index) => `"${index}" : ${value}`).join(' , ')}}`;
    expect(refusalOf(pairs(MAX_JSON_VALUES - 1))).toBeUndefined();
    expect(refusalOf(pairs(MAX_JSON_VALUES))).toMatchObject({ code: 'TOO_MANY_VALUES' });
  });

  it('counts nothing in what it does not look into', () => {
    const text = `{"h":[${Array(MAX_JSON_VALUES).fill('{"a":1}').join(',')}]}`;
    expect(refusalOf(text)).toMatchObject({ code: 'TOO_MANY_VALUES' });
    expect(refusalOf(text, new Set(['h']))).toBeUndefined();
  });

  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', '\\u0061'],
    ['{"a":[{"b":1},{"b":1,"c":2,"b":3}]}', 'a.1.b'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('refuses a repeated key: %s', (text, path) => {
    expect(refusalOf(text)).toEqual({ code: 'DUPLICATE_KEY', path });
  });

  it.each(['[{"a":1},{"a":1}]', '{"a":{"a":{"a":"a"}}}', '{"a":"b","b":"a"}'])(
    'takes the same key in different objects: %s',
    (text) => expect(refusalOf(text)).toBeUndefined(),
  );

  it.each([
    ['{"a":["x","\\u0000"]}', 'a.1'],
    ['{"a":"\\ud800"}', 'a'],
    ['{"a":"\\udc00"}', 'a'],
    ['{"a":"\\ud83d\\u0041"}', 'a'],
    ['{"a":"\\ud83dA"}', 'a'],
    ['{"a":"\\uDE00\\uD83D"}', 'a'],
    ['{"a":{"\\u0000":1}}', 'a.'],
  ])('refuses text that cannot be stored: %s', (text, path) => {
    expect(refusalOf(text)).toEqual({ code: 'BAD_TEXT', path });
  });

  it.each(['"\\ud83d\\ude00"', '"\\\\u0000"', '"\\u0001"', '"\\\\\\\\ud800"', '"😀"', '"\\"\\\\"'])(
    'takes text that can be: %s',
    (text) => expect(refusalOf(text)).toBeUndefined(),
  );

  it('names the place without the length of what is there', () => {
    const long = 'k'.repeat(10_000);
    const { path } = refusalOf(`{"${long}":{"${long}":"\\u0000"}}`)!;
    expect(path!.length).toBeLessThan(200);
  });
});

describe('values that are carried', () => {
  it.each([
    ['{"h":1}', '1'],
    ['{"x":[1,{"h":2}] , "h" :  [ 1 , 2 ]  , "y":3}', '[ 1 , 2 ]'],
    ['{"h":{"h":"}]\\"","a":"\\\\"}}', '{"h":"}]\\"","a":"\\\\"}'],
    ['{"h":"a\\u0000, \\ud800"}', '"a\\u0000, \\ud800"'],
    ['{"h":{"a":1,"a":2}}', '{"a":1,"a":2}'],
    ['{"h":-1e400\n}', '-1e400'],
    ['\ufeff\t{"\\u0068": null}', 'null'],
    ['{"a":1,"h":{},"b":[1,2]}', '{}'],
  ])('are found as they are written: %j', (text, value) => {
    expect(carried(text, 'h')).toEqual({ h: value });
  });

  it('are those at the top alone', () => {
    expect(carried('{"a":{"h":1},"b":[{"h":2}]}', 'h')).toEqual({});
    expect(carried('[{"h":1}]', 'h')).toEqual({});
    expect(carried('{"a":"h","b":1}', 'h')).toEqual({});
  });

  it('may be several', () => {
    expect(carried('{"b":[1],"x":2,"a":"t"}', 'a', 'b')).toEqual({ a: '"t"', b: '[1]' });
  });

  it('are refused when there are two of one name', () => {
    expect(refusalOf('{"h":1,"h":2}', new Set(['h']))).toEqual({ code: 'DUPLICATE_KEY', path: 'h' });
  });
});
