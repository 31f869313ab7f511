import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Objects in a git dir, without those of its alternates. */
export interface ObjectCounts {
  loose: number;
  packed: number;
}

/** Counts them without starting git; loose ones are estimated. */
export async function countObjects(gitDir: string): Promise<ObjectCounts> {
  const [loose, packed] = await Promise.all([estimateLoose(gitDir), countPacked(gitDir)]);
  return { loose, packed };
}

/** From one of the 256 folders over which git spreads objects evenly, as `git gc --auto` does. */
async function estimateLoose(gitDir: string): Promise<number> {
  const names = await readdir(join(gitDir, 'objects', '17')).catch(() => []);
  return names.length * 256;
}

async function countPacked(gitDir: string): Promise<number> {
  const folder = join(gitDir, 'objects', 'pack');
  const names = await readdir(folder).catch(() => []);
  const indexes = names.filter((name) => name.endsWith('.idx'));
  const counts = await Promise.all(indexes.map((name) => objectsOf(join(folder, name))));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The last of the 256 sums behind the header of 8 bytes (gitformat-pack(5), version 2). */
const TOTAL_OFFSET = 8 + 255 * 4;

async function objectsOf(indexFile: string): Promise<number> {
  const file = await open(indexFile);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, TOTAL_OFFSET);
    return bytesRead === 4 ? buffer.readUInt32BE() : 0;
  } finally {
    await file.close();
  }
}
