import { describe, it } from '@jest/globals';
import * as fc from 'fast-check';
import { JsonText } from '../fields/json-text.js';
import { MAX_JSON_DEPTH } from '../fields/limits.js';
import { SpawnTask } from '../commands/spawn-task.js';
import { ContractError } from './contract-error.js';
import { decode } from './decode.js';
import { encode } from './encode.js';
import { parseJson } from './parse-json.js';
import { scanJson } from './scan-json.js';

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 2 });

/** A text of JSON in any formatting that the grammar allows. */
const { value: anyText } = fc.letrec<{
  value: string;
  list: string;
  object: string;
  text: string;
  padded: string;
}>((tie) => ({
  text: fc
    .array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 3 }).map((text) => JSON.stringify(text).slice(1, -1)),
        fc.constantFrom(
          '\\u00e9',
          'é',
          '\\/',
          '\\"',
          '\\\\',
          '\\ud83d\\ude00',
          '{',
          '}',
          '[',
          ',',
          ':',
          '\\n',
        ),
      ),
      { maxLength: 5 },
    )
    .map((parts) => `"${parts.join('')}"`),
  padded: fc.tuple(space, tie('value'), space).map((parts) => parts.join('')),
  list: fc.array(tie('padded'), { maxLength: 4 }).map((values) => `[${values.join(',')}]`),
  object: fc
    .array(
      fc.tuple(
        space,
        fc.oneof(tie('text'), fc.constantFrom('"__proto__"', '"h"', '"1"', '"constructor"')),
        space,
        tie('padded'),
      ),
      { maxLength: 4 },
    )
    .map(
      (pairs) =>
        `{${pairs.map(([before, key, after, value]) => `${before}${key}${after}:${value}`).join(',')}}`,
    ),
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom('null', 'true', 'false', '0', '-0', '1e400', '-1E-7', '12345678901234567890', '1.10'),
    tie('text'),
    tie('list'),
    tie('object'),
  ),
}));

const spawn = {
  schemaVersion: 1,
  eventId: '0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee',
  taskId: '0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeef',
  attempt: 1,
  taskName: 'n',
  plan: 'p',
  runner: 'shell',
  repoUrl: 'new://n',
  isSupervisor: false,
  resumeSession: false,
};

/** Runs what may refuse its input, and nothing else may come out of it. */
function orRefusal(work: () => void): ContractError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ContractError) return error;
    throw error;
  }
}

describe('any JSON in any formatting', () => {
  it('is found as it is written, wherever it stands among others', () => {
    fc.assert(
      fc.property(anyText, space, space, anyText, anyText, (carried, before, after, left, right) => {
        const text = `{"left":[${left}],"h"${before}:${after}${carried}${before},"right":${right}}`;
        const slice = orRefusedSlice(text);
        return slice === undefined || text.slice(slice.start, slice.end) === carried;
      }),
      { numRuns: 2000 },
    );
  });

  it('is parsed as JSON.parse does it, unless it is refused', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let parsed: unknown;
        const refused = orRefusal(() => (parsed = parseJson(text, new Set())));
        if (refused) return ['BAD_TEXT', 'DUPLICATE_KEY'].includes(refused.code);
        return JSON.stringify(parsed) === JSON.stringify(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('comes out of a message byte for byte, however often it is sent on', () => {
    fc.assert(
      fc.property(anyText, (carried) => {
        const bytes = encode({ ...spawn, conversationHistory: new JsonText(carried) });
        const once = decode(SpawnTask, bytes);
        const { conversationHistory } = decode(SpawnTask, encode(once));
        return (conversationHistory?.text ?? 'null') === carried;
      }),
      { numRuns: 500 },
    );
  });
});

describe('damaged bytes', () => {
  it('are read or refused with a code, and never anything else', () => {
    const whole = Buffer.from(
      encode({ ...spawn, conversationHistory: new JsonText('[{"a":"\\u00e9"},[1]]') }),
    );
    const damage = fc.record({
      at: fc.nat(whole.length - 1),
      cut: fc.nat(12),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        fc
          .constantFrom('"', '\\', '{', '[', '}', ']', ':', ',', '\\u', '"constructor":{},', '[[')
          .map((text) => Buffer.from(text)),
      ),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const bytes = damages.reduce(
          (left, { at, cut, put }) => Buffer.concat([left.subarray(0, at), put, left.subarray(at + cut)]),
          whole,
        );
        orRefusal(() => decode(SpawnTask, bytes));
      }),
      { numRuns: 5000 },
    );
  });

  it('end where a limit says', () => {
    fc.assert(
      fc.property(fc.nat(2 * MAX_JSON_DEPTH), fc.constantFrom('[', '{"a":'), (levels, opening) => {
        const refused = orRefusal(() => scanJson(opening.repeat(levels)));
        return (refused?.code === 'TOO_DEEP') === levels > MAX_JSON_DEPTH;
      }),
    );
  });
});

function orRefusedSlice(text: string): { start: number; end: number } | undefined {
  let slice: { start: number; end: number } | undefined;
  orRefusal(() => (slice = scanJson(text, new Set(['h'])).get('h')));
  return slice;
}
