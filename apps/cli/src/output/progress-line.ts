import { harmlessLine } from '#contracts/text';
import { paintFor, type Paint } from './paint.js';

/** What is over sooner shows nothing. */
const DELAY_MILLISECONDS = 1000;
const REDRAW_MILLISECONDS = 250;

const TO_LINE_START = '\r';
const ERASE_LINE = '\u001B[2K';

/**
 * One line on stderr that changes while a person waits, and is gone afterwards. Only on a terminal: it leaves
 * nothing in a file or pipe.
 */
export class ProgressLine {
  private readonly paint: Paint;
  private timer: NodeJS.Timeout | undefined;
  private text = '';
  private isDrawn = false;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {
    this.paint = paintFor(stream);
  }

  /** The newest text is shown from a second after the first one. */
  show(text: string): void {
    if (!this.stream.isTTY) return;
    this.text = text;
    this.timer ??= setTimeout(() => this.redraw(), DELAY_MILLISECONDS).unref();
  }

  /** Before anything else is printed. What still goes on is shown below it. */
  hide(): void {
    if (this.isDrawn) this.stream.write(`${TO_LINE_START}${ERASE_LINE}`);
    this.isDrawn = false;
  }

  /** What was waited for is over. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.hide();
  }

  private redraw(): void {
    this.hide();
    // A longer line would wrap, and only its last row be erased.
    const shown = harmlessLine(this.text).slice(0, Math.max(0, (this.stream.columns || 80) - 1));
    this.stream.write(this.paint('dim', shown));
    this.isDrawn = true;
    this.timer = setTimeout(() => this.redraw(), REDRAW_MILLISECONDS).unref();
  }
}
