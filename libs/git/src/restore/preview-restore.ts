import { listTreeChanges, type TreeChange } from '../staging/list-tree-changes.js';
import { withProvenTree, type ProofRequest } from './prove-tree.js';
import { nulSeparated, runGit } from '../run/run-git.js';

/** A path that differs from the base. */
export interface ChangedFile {
  /** Bytes that are not UTF-8 are shown as U+FFFD. */
  path: string;
  status: TreeChange['kind'];
  added: number;
  removed: number;
  binary: boolean;
}

/**
 * What a restore would change on top of the base. Everything is proven as in a restore, and nothing is
 * written but the shadow.
 */
export async function previewRestore(request: ProofRequest): Promise<ChangedFile[]> {
  return withProvenTree(request, async ({ shadow }) => {
    const trees = { ...request, gitDir: shadow.gitDir };
    const [changes, counts] = await Promise.all([listTreeChanges(trees), countByPath(trees)]);
    return changes.map(({ path, kind: status }) =>
      Object.assign({ path: path.toString('utf8'), status }, counts.get(path.toString('latin1'))!),
    );
  });
}

async function countByPath(request: ProofRequest & { gitDir: string }): Promise<Map<string, LineCounts>> {
  const { gitDir, baseSha, treeSha, signal } = request;
  const { stdout } = await runGit({
    purpose: `counting the changes from ${baseSha} to ${treeSha}`,
    gitDir,
    args: [
      'diff-tree',
      '-r',
      '--numstat',
      '-z',
      '--no-renames',
      '--no-ext-diff',
      '--no-textconv',
      '--end-of-options',
      baseSha,
      treeSha,
    ],
    signal,
  });
  return new Map(
    nulSeparated(stdout).map((record) => {
      const [added, removed, ...path] = record.toString('latin1').split('\t');
      const binary = added === '-';
      const counts = { added: binary ? 0 : Number(added), removed: binary ? 0 : Number(removed), binary };
      return [path.join('\t'), counts];
    }),
  );
}

type LineCounts = Pick<ChangedFile, 'added' | 'removed' | 'binary'>;
