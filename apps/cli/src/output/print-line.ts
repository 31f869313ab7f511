import { harmless } from '#contracts/text';

/** Prints what needs no view: words of ours, and names and output of others among them. */
export function printLine(text: string): void {
  process.stdout.write(`${harmless(text)}\n`);
}
