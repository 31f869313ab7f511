import { readInclusions } from '../project/read-inclusions.js';
import { selectIncluded } from '../staging/find-included.js';
import { listIgnored, type IndexLocation } from '../staging/list-changes.js';
import type { TreeChange } from '../staging/list-tree-changes.js';
import type { Matcher } from '../staging/match-rules.js';
import { setEntries } from '../staging/set-entries.js';
import { nulTerminated, runGit } from '../run/run-git.js';

/**
 * What no listing of the restored worktree would show goes into its index, as it was in that of the lost one:
 * files that an ignore rule matches (they had been added by force), and links to the commits of submodules.
 *
 * @returns files that an ignore rule matches and that are included (`readInclusions`): they are ignored again
 */
export async function registerUnlisted(
  index: IndexLocation & { workTree: string },
  changes: readonly TreeChange[],
  matcher: Matcher,
): Promise<Buffer[]> {
  const added = changes.filter((change) => change.kind === 'added' && !change.isGitlink);
  const allIgnored = await listIgnored(
    index,
    added.map((change) => change.path),
  );
  const included = await selectIncluded(
    await readInclusions(index.workTree, matcher, NOTHING_WITHHELD),
    allIgnored,
  );
  const includedKeys = new Set(included.map((path) => path.toString('latin1')));
  const ignored = allIgnored.filter((path) => !includedKeys.has(path.toString('latin1')));
  if (ignored.length > 0) {
    await runGit({
      ...index,
      purpose: `registering ignored files in ${index.workTree}`,
      args: ['add', '--intent-to-add', '--force', '--pathspec-from-file=-', '--pathspec-file-nul'],
      input: nulTerminated(ignored),
    });
  }
  const links = changes.filter((change) => change.isGitlink);
  await setEntries(
    index,
    links.map(({ newMode, newSha, path }) => ({ mode: newMode, sha: newSha, path })),
  );
  return included;
}

/** Of a captured tree: what was withheld is not in it. */
const NOTHING_WITHHELD = Buffer.alloc(0);
