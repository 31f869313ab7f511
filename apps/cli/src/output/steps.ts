import { harmlessLine } from '#contracts/text';
import { paintFor } from './paint.js';
import { ProgressLine } from './progress-line.js';

/**
 * Shows a waiting person, on stderr, what takes so long: one line per step, and on a terminal one that
 * changes while a step is under way. Not for programs that read `--json`.
 */
export class Steps {
  private readonly paint = paintFor(process.stderr);
  private readonly line = new ProgressLine();

  constructor(private readonly silent: boolean) {}

  step(text: string): void {
    this.beforeOutput();
    if (!this.silent) process.stderr.write(`${this.paint('dim', `${harmlessLine(text)} …`)}\n`);
  }

  /** @param text how far the step has come; undefined when it is over */
  progress(text: string | undefined): void {
    if (text === undefined) this.line.end();
    else if (!this.silent) this.line.show(text);
  }

  /** Before a line on stdout, which may be the same terminal. */
  beforeOutput(): void {
    this.line.hide();
  }
}
