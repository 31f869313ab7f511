import { readFileSync, writeFileSync } from 'node:fs';

/** What a bad disk does to a file. */
export function flipBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}
