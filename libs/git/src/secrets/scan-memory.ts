import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Raised when the same content may be judged otherwise: all is scanned once more. */
const VERSION = 1;

/** What the scans of one worktree have learned. It lies in the shadow, and is lost with it. */
export interface ScanMemory {
  version: number;
  /** By content id: the rules that found something. Null: the search did not end within its time. */
  scanned: Record<string, string[] | null>;
  /** By path, in latin1: files that stay out of checkpoints as long as they are these. */
  withheld: Record<string, WithheldFile>;
}

export interface WithheldFile {
  contentId: string;
  /** Of the file whose content it was (`signatureOf`). */
  signature: string;
  rules: string[];
  isUnscanned: boolean;
}

export async function readScanMemory(shadowDir: string): Promise<ScanMemory> {
  try {
    const memory = JSON.parse(await readFile(fileOf(shadowDir), 'utf8')) as ScanMemory;
    if (memory.version === VERSION) return memory;
  } catch {
    // None yet, or half of one: it is only work saved.
  }
  return { version: VERSION, scanned: {}, withheld: {} };
}

export async function writeScanMemory(shadowDir: string, memory: ScanMemory): Promise<void> {
  const file = fileOf(shadowDir);
  await writeFile(`${file}.new`, JSON.stringify(memory));
  await rename(`${file}.new`, file);
}

function fileOf(shadowDir: string): string {
  return join(shadowDir, 'patchpoint-secrets.json');
}
