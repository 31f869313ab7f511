import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../run/run-git.js';

/**
 * What a mirror has once may be what a task stands on: nothing collects its garbage, and git refuses to prune
 * it (`extensions.preciousObjects`), whoever asks. Linked worktrees of older versions are not forgotten
 * either.
 */
const SETTINGS: readonly (readonly [key: string, value: string])[] = [
  ['gc.auto', '0'],
  ['gc.pruneExpire', 'never'],
  ['gc.worktreePruneExpire', 'never'],
  ['maintenance.auto', 'false'],
  ['core.repositoryFormatVersion', '1'],
  ['extensions.preciousObjects', 'true'],
];

/** May run again; costs no process when it was done before. */
export async function protectObjects(mirrorDir: string, signal?: AbortSignal): Promise<void> {
  // The last of them is there when all are.
  if (/preciousobjects = true/i.test(await readFile(join(mirrorDir, 'config'), 'utf8'))) return;
  for (const [key, value] of SETTINGS) {
    await runGit({
      purpose: `setting up ${mirrorDir}`,
      gitDir: mirrorDir,
      args: ['config', key, value],
      signal,
    });
  }
}
