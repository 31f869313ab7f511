import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Sets a ref of a git dir of ours, where refs are files (`openShadow`), to an object that is there. By way of
 * git's own name for a new value: what a kill leaves is no ref, and the next call overwrites it.
 */
export async function writeRef(gitDir: string, ref: string, sha: string): Promise<void> {
  const path = join(gitDir, ref);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.lock`, `${sha}\n`);
  await rename(`${path}.lock`, path);
}
