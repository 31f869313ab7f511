import { paintFor } from './paint.js';

/**
 * Tells a waiting person, on stderr, what takes so long: a line a step. Programs that read `--json` are not
 * told.
 */
export class Steps {
  private readonly paint = paintFor(process.stderr);

  constructor(private readonly silent: boolean) {}

  step(text: string): void {
    if (!this.silent) process.stderr.write(`${this.paint('dim', `${text} …`)}\n`);
  }
}
