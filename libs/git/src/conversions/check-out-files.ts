import { rm } from 'node:fs/promises';
import type { IndexLocation } from '../staging/list-changes.js';
import { nulTerminated, runGit } from '../run/run-git.js';
import { setEntries, type IndexEntry } from '../staging/set-entries.js';

/** The `.gitattributes` of the base that apply to any of the paths. */
export async function findAttributeFiles(
  index: IndexLocation,
  baseSha: string,
  paths: readonly Buffer[],
): Promise<IndexEntry[]> {
  if (paths.length === 0) return [];
  const files = attributeFilesOf(paths);
  const { stdout } = await runGit({
    ...index,
    purpose: `looking for attributes in ${baseSha}`,
    args: ['cat-file', '--batch-check=%(objectname)'],
    input: Buffer.concat(files.flatMap((file) => [Buffer.from(`${baseSha}:`), file, Buffer.from('\n')])),
  });
  const answers = stdout.toString('latin1').split('\n');
  return files
    .map((path, at) => ({ path, mode: '100644', sha: answers[at]! }))
    .filter(({ sha }) => /^[0-9a-f]+$/.test(sha));
}

function attributeFilesOf(paths: readonly Buffer[]): Buffer[] {
  const files = new Set(['.gitattributes']);
  for (const path of paths) {
    let folder = path.toString('latin1');
    while (folder.includes('/')) {
      folder = folder.slice(0, folder.lastIndexOf('/'));
      // A line break would end the request. The attributes of such a folder are not read: its files are
      // treated as changed.
      if (!folder.includes('\n')) files.add(`${folder}/.gitattributes`);
    }
  }
  return [...files].map((file) => Buffer.from(file, 'latin1'));
}

/** Writes entries into an empty folder as a checkout in the worktree would, under the given attributes. */
export async function checkOut(
  gitDir: string,
  checkoutDir: string,
  { attributes, entries }: Record<'attributes' | 'entries', readonly IndexEntry[]>,
  options: Pick<IndexLocation, 'config' | 'signal'>,
): Promise<void> {
  const indexFile = `${checkoutDir}.index`;
  const location = { gitDir, workTree: checkoutDir, indexFile, ...options };
  try {
    await setEntries(location, [...attributes, ...entries]);
    await runGit({
      ...location,
      purpose: `checking out ${entries.length} files to compare them`,
      args: ['checkout-index', '--quiet', '-z', '--stdin'],
      input: nulTerminated(entries.map(({ path }) => path)),
      // A partial clone may lack some; those are then not found here, and treated as changed.
      expectedExitCodes: [0, 1, 128],
    });
  } finally {
    await rm(indexFile, { force: true });
  }
}
