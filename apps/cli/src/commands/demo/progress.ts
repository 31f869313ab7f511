import { printLine } from '../../output/print-line.js';

/** Lines on the terminal, each with the time since the start. */
export class Progress {
  private readonly begin = performance.now();

  step(text: string): void {
    printLine(`${this.elapsed()}  ${text}`);
  }

  /** Output of a process of the demo. */
  quote(text: string): void {
    printLine(`${this.elapsed()}    │ ${text}`);
  }

  private elapsed(): string {
    return `${((performance.now() - this.begin) / 1000).toFixed(1).padStart(6)} s`;
  }
}

/** Two columns, the first as wide as its longest text. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}
