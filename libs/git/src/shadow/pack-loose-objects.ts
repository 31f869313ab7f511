import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../run/run-git.js';

/**
 * Puts the loose objects of a shadow into one pack: after 30,000 new files that takes 1.6 s, and the next
 * capture, which reads them all for its patch, 1.1 s instead of 2.9 s. Only these objects are looked at;
 * `git repack` would walk through the history of the worktree's repository.
 */
export async function packLooseObjects(gitDir: string): Promise<void> {
  const objectsDir = join(gitDir, 'objects');
  const folders = (await readdir(objectsDir)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  const names: string[] = [];
  for (const folder of folders) {
    const files = await readdir(join(objectsDir, folder));
    names.push(...files.filter((name) => /^[0-9a-f]{38,62}$/.test(name)).map((name) => `${folder}${name}\n`));
  }
  const purpose = `packing ${names.length} objects of ${gitDir}`;
  await runGit({
    purpose,
    gitDir,
    args: ['pack-objects', '--quiet', '--window=0', join(objectsDir, 'pack', 'pack')],
    input: Buffer.from(names.join('')),
  });
  await runGit({ purpose, gitDir, args: ['prune-packed', '--quiet'] });
}
