import { StringDecoder } from 'node:string_decoder';

/** Output waits this long for more, so that a chatty program causes few messages. */
const FLUSH_AFTER_MILLISECONDS = 100;

/** A message's text stays below this; a longer line is sent in pieces. */
const MAX_TEXT_LENGTH = 32 * 1024;

/**
 * Turns the chunks of a process's output into texts of whole lines, in order. An unfinished line is held back
 * until it is finished, until it is too long, or until {@link end}.
 */
export class LineBatcher {
  private readonly decoder = new StringDecoder('utf8');
  private waiting = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly emit: (text: string) => void) {}

  push(chunk: Buffer): void {
    // Text columns and JSON readers do not accept NUL; it is shown as its symbol.
    this.waiting += this.decoder.write(chunk).replaceAll('\0', '␀');
    if (this.waiting.length >= MAX_TEXT_LENGTH) this.flushLines();
    else this.timer ??= setTimeout(() => this.flushLines(), FLUSH_AFTER_MILLISECONDS);
  }

  /** Emits what is left, finished or not. May be called twice. */
  end(): void {
    this.waiting += this.decoder.end();
    this.flushLines();
    if (this.waiting !== '') this.emit(this.waiting);
    this.waiting = '';
  }

  private flushLines(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.waiting.length > 0) {
      const piece = this.waiting.slice(0, MAX_TEXT_LENGTH);
      const lineEnd = piece.lastIndexOf('\n') + 1;
      const length = lineEnd > 0 ? lineEnd : piece.length === MAX_TEXT_LENGTH ? wholeLength(piece) : 0;
      if (length === 0) return;
      this.emit(this.waiting.slice(0, length));
      this.waiting = this.waiting.slice(length);
    }
  }
}

/** Without half of a surrogate pair at its end, whose other half comes next. */
function wholeLength(text: string): number {
  return /[\ud800-\udbff]$/.test(text) ? text.length - 1 : text.length;
}
