import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnsafePath } from '../values/path-safety.js';
import type { ObjectFormat } from '../values/sha.js';
import { nulSeparated, runGit } from '../run/run-git.js';
import { setEntries } from './set-entries.js';

/** Where rules are matched: a git dir of ours, in which one call runs after another. */
export interface Matcher {
  gitDir: string;
  objectFormat: ObjectFormat;
  signal: AbortSignal | undefined;
}

/**
 * Those of the paths that rules match, as `.gitignore` has them, and no other rules than these. Git matches
 * them as entries of an index that is made for it: no file is looked at.
 */
export async function matchRules(
  { gitDir, objectFormat, signal }: Matcher,
  rules: Buffer,
  paths: readonly Buffer[],
): Promise<Buffer[]> {
  // Git takes no entry with an unsafe name, and no capture does.
  const safe = paths.filter((path) => !isUnsafePath(path));
  if (rules.length === 0 || safe.length === 0) return [];
  const rulesFile = join(gitDir, 'matched-rules');
  const indexFile = join(gitDir, 'matched-index');
  const clear = () => Promise.all([indexFile, `${indexFile}.lock`].map((file) => rm(file, { force: true })));
  await clear();
  try {
    await writeFile(rulesFile, rules);
    const sha = '1'.repeat(objectFormat === 'sha256' ? 64 : 40); // never looked up
    await setEntries(
      { gitDir, indexFile, signal },
      safe.map((path) => ({ mode: '100644', sha, path })),
    );
    const { stdout } = await runGit({
      gitDir,
      workTree: gitDir, // git wants one, and reads nothing in it
      indexFile,
      signal,
      purpose: `matching ${safe.length} paths with rules in ${gitDir}`,
      args: ['ls-files', '--cached', '--ignored', '-z', `--exclude-from=${rulesFile}`],
    });
    return nulSeparated(stdout);
  } finally {
    await clear();
  }
}
