const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** What a scan learns of a string of JSON. */
export interface EndOfString {
  /** Just after its closing quote, or the end of the text when it has none. */
  end: number;
  isEscaped: boolean;
  /** Where an escape stands for NUL or for half of a surrogate pair, if one does. */
  badAt: number | undefined;
}

/**
 * Where the strings of a JSON text end. Asked for one after the other, from the first to the last, all of
 * them together take time in proportion to the text: the next backslash is looked for once, however many
 * strings come before it.
 */
export class StringEnds {
  private backslash = -1;

  constructor(private readonly text: string) {}

  /** @param start of the opening quote; never before the end of the string that was asked for last */
  after(start: number): EndOfString {
    let quote = this.quoteFrom(start + 1);
    if (this.backslashFrom(start + 1) > quote) return { end: quote + 1, isEscaped: false, badAt: undefined };
    let badAt: number | undefined;
    let at = start + 1;
    while (this.backslashFrom(at) < quote) {
      const escape = this.backslash;
      at = this.afterEscape(escape);
      if (at < 0) {
        badAt ??= escape;
        at = -at;
      }
      if (at > quote) quote = this.quoteFrom(at);
    }
    return { end: Math.min(quote + 1, this.text.length), isEscaped: true, badAt };
  }

  /** The end of the escape, negative when it stands for what cannot be stored. */
  private afterEscape(start: number): number {
    if (this.text.charCodeAt(start + 1) !== LETTER_U) return start + 2;
    const unit = this.unitAt(start);
    const end = start + 6;
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const low = this.unitAt(end);
      return low >= 0xdc00 && low <= 0xdfff ? end + 6 : -end;
    }
    return unit === 0 || (unit >= 0xdc00 && unit <= 0xdfff) ? -end : end;
  }

  /** The UTF-16 unit of a `\uXXXX`; NaN if there is none. */
  private unitAt(start: number): number {
    const { text } = this;
    if (text.charCodeAt(start) !== BACKSLASH || text.charCodeAt(start + 1) !== LETTER_U) return Number.NaN;
    let unit = 0;
    for (let at = start + 2; at < start + 6; at++) unit = unit * 16 + hexDigit(text.charCodeAt(at));
    return unit;
  }

  private quoteFrom(start: number): number {
    const quote = this.text.indexOf('"', start);
    return quote === -1 ? this.text.length : quote;
  }

  private backslashFrom(start: number): number {
    if (this.backslash < start) {
      const next = this.text.indexOf('\\', start);
      this.backslash = next === -1 ? Number.POSITIVE_INFINITY : next;
    }
    return this.backslash;
  }
}

/** By hand, for time: a text may be made of nothing else. NaN for what is none. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}
