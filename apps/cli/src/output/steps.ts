import { paintFor } from './paint.js';

/**
 * Shows a waiting person, on stderr, what takes so long: one line per step. Not for programs that read
 * `--json`.
 */
export class Steps {
  private readonly paint = paintFor(process.stderr);

  constructor(private readonly silent: boolean) {}

  step(text: string): void {
    if (!this.silent) process.stderr.write(`${this.paint('dim', `${text} …`)}\n`);
  }
}
