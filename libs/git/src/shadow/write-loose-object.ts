import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { ObjectFormat } from '../values/sha.js';

/**
 * Stores a small object in a git dir of ours, as gitrepository-layout(5) has it: compressed, behind a header,
 * and named after its hash. May run again.
 *
 * @returns its id
 */
export async function writeLooseObject(
  gitDir: string,
  format: ObjectFormat,
  type: 'commit',
  content: Buffer,
): Promise<string> {
  const object = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const sha = createHash(format).update(object).digest('hex');
  const path = join(gitDir, 'objects', sha.slice(0, 2), sha.slice(2));
  await mkdir(dirname(path), { recursive: true });
  // Git takes no file of that name for an object, and `git prune` removes it.
  const temporary = join(dirname(path), `tmp_obj_${process.pid}`);
  await writeFile(temporary, deflateSync(object), { mode: 0o444 });
  await rename(temporary, path);
  return sha;
}
