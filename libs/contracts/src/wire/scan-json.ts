import type { ErrorCode } from '../fields/error-codes.js';
import { MAX_JSON_DEPTH, MAX_JSON_VALUES } from '../fields/limits.js';
import { ContractError } from './contract-error.js';
import { pathAt } from './path-at.js';
import { StringEnds } from './string-ends.js';

/** Where the text of a value is: from `start` up to, and without, `end`. */
export interface Slice {
  start: number;
  end: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;

const DELIMITERS: ReadonlySet<number> = new Set([
  QUOTE,
  COMMA,
  COLON,
  OPEN_ARRAY,
  CLOSE_ARRAY,
  OPEN_OBJECT,
  CLOSE_OBJECT,
]);

type ScanCode = keyof typeof NEXT_STEPS;

const NEXT_STEPS = {
  TOO_DEEP: 'Flatten it.',
  TOO_MANY_VALUES: 'Split what is sent.',
  DUPLICATE_KEY: 'Name it once.',
  BAD_TEXT: 'Leave it out.',
} satisfies Partial<Record<ErrorCode, string>>;

/** The keys of an open object so far, or `null` for an array. */
type Level = Set<string> | null;

/**
 * Reads a JSON text once from its beginning to its end, before `JSON.parse` does, and refuses what would be
 * dear or impossible to go on with. It proves nothing about the grammar: of a text that `JSON.parse` refuses
 * the result means nothing.
 *
 * The values of `opaque` keys at the top are found, and not looked into, but for their depth.
 *
 * Strings are jumped over by `indexOf`, so that the data of a patch costs next to nothing. That is why it is
 * our own: the scanner of jsonc-parser reads every character of every string, and its parser calls itself for
 * each level, which ends in a RangeError.
 *
 * @returns the slices of the opaque values that are there
 * @throws ContractError `TOO_DEEP`, `TOO_MANY_VALUES`, `DUPLICATE_KEY`, `BAD_TEXT`, with the path
 */
export function scanJson(text: string, opaque: ReadonlySet<string> = new Set()): Map<string, Slice> {
  return new Scan(text, opaque).run();
}

class Scan {
  private readonly slices = new Map<string, Slice>();
  private readonly levels: Level[] = [];
  private readonly strings: StringEnds;
  private at = 0;
  private valuesCount = 0;
  /** The last key at the top, which the value after it belongs to. */
  private topKey: string | undefined;
  /** The opaque value that the scan is in. */
  private inside: Slice | undefined;

  constructor(
    private readonly text: string,
    private readonly opaque: ReadonlySet<string>,
  ) {
    this.strings = new StringEnds(text);
  }

  run(): Map<string, Slice> {
    const { text } = this;
    while (this.at < text.length) {
      const start = this.at;
      switch (text.charCodeAt(start)) {
        case QUOTE:
          this.passString(start);
          break;
        case OPEN_OBJECT:
        case OPEN_ARRAY:
          this.open(start);
          break;
        case CLOSE_OBJECT:
        case CLOSE_ARRAY:
          this.close();
          break;
        case COMMA:
          if (this.levels.length === 1) this.endOpaque();
          this.at++;
          break;
        case COLON:
        case SPACE:
          this.at++;
          break;
        default:
          this.passScalar(start);
      }
    }
    return this.slices;
  }

  private passString(start: number): void {
    const { end, isEscaped, badAt } = this.strings.after(start);
    this.at = end;
    const keys = this.levels.at(-1);
    const isKey = keys && this.inside === undefined && this.isBeforeColon();
    if (!isKey) this.value(start, end);
    if (this.inside === undefined && badAt !== undefined) {
      throw this.refusal(
        'BAD_TEXT',
        badAt,
        'holds a NUL character or half of a surrogate pair, which cannot be stored',
      );
    }
    if (!isKey) return;
    this.key(keys, isEscaped ? unescaped(this.text, start, end) : this.text.slice(start + 1, end - 1));
  }

  private key(keys: Set<string>, key: string): void {
    if (keys.has(key)) throw this.refusal('DUPLICATE_KEY', this.at, 'repeats a key of the same object');
    keys.add(key);
    if (this.levels.length === 1) this.topKey = key;
  }

  private open(start: number): void {
    this.value(start, ++this.at);
    if (this.levels.length >= MAX_JSON_DEPTH) {
      throw this.refusal('TOO_DEEP', start, `is nested deeper than ${MAX_JSON_DEPTH} levels`);
    }
    const isObject = this.inside === undefined && this.text.charCodeAt(start) === OPEN_OBJECT;
    this.levels.push(isObject ? new Set() : null);
  }

  private close(): void {
    this.at++;
    this.levels.pop();
    if (this.levels.length === 0) this.endOpaque();
    else if (this.inside) this.inside.end = this.at;
  }

  private passScalar(start: number): void {
    const { text } = this;
    while (this.at < text.length && !isEndOfScalar(text.charCodeAt(this.at))) this.at++;
    if (this.at > start) this.value(start, this.at);
    else this.at++;
  }

  /** A value begins; of an object or array, `end` is only that of its first character. */
  private value(start: number, end: number): void {
    if (this.inside) {
      this.inside.end = end;
    } else if (this.levels.length === 1 && this.topKey !== undefined && this.opaque.has(this.topKey)) {
      this.inside = { start, end };
      this.slices.set(this.topKey, this.inside);
    } else if (++this.valuesCount > MAX_JSON_VALUES) {
      throw this.refusal('TOO_MANY_VALUES', start, `is one of more than ${MAX_JSON_VALUES} values`);
    }
  }

  private endOpaque(): void {
    this.inside = undefined;
    this.topKey = undefined;
  }

  private isBeforeColon(): boolean {
    let next = this.at;
    while (isSpace(this.text.charCodeAt(next))) next++;
    return this.text.charCodeAt(next) === COLON;
  }

  private refusal(code: ScanCode, at: number, what: string): ContractError {
    const path = pathAt(this.text, at);
    const where = path === '' ? 'The message' : path;
    return new ContractError(code, `${where} ${what} (character ${at}). ${NEXT_STEPS[code]}`, path);
  }
}

function unescaped(text: string, start: number, end: number): string {
  try {
    return JSON.parse(text.slice(start, end)) as string;
  } catch {
    return text.slice(start, end); // JSON.parse will refuse the whole
  }
}

function isSpace(code: number): boolean {
  return code === SPACE || (code >= 0x09 && code <= 0x0d);
}

function isEndOfScalar(code: number): boolean {
  return isSpace(code) || DELIMITERS.has(code);
}
