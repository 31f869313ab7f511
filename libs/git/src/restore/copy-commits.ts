import { indexPack } from './index-pack.js';
import { runGit } from '../run/run-git.js';
import { isEmptyTree } from '../values/sha.js';

/**
 * Copies the commits between a base and a head from one repository to another that has the base, with all
 * that they hold. No ref is made. May run again.
 */
export async function copyCommits(request: {
  fromGitDir: string;
  toGitDir: string;
  baseSha: string;
  headSha: string;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const { fromGitDir, toGitDir, baseSha, headSha, signal } = request;
  const exclusion = isEmptyTree(baseSha) ? '' : `^${baseSha}\n`;
  const { stdout } = await runGit({
    purpose: `packing the commits from ${baseSha} to ${headSha}`,
    gitDir: fromGitDir,
    args: ['pack-objects', '--quiet', '--revs', '--thin', '--delta-base-offset', '--stdout'],
    input: Buffer.from(`${headSha}\n${exclusion}`),
    signal,
  });
  await indexPack(toGitDir, stdout, signal);
}
