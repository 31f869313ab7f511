import { rm } from 'node:fs/promises';
import type { IndexLocation } from '../staging/list-changes.js';
import { Remembered } from '../run/remembered.js';
import { nulTerminated, runGit } from '../run/run-git.js';
import { isSha } from '../values/sha.js';
import { setEntries, type IndexEntry } from '../staging/set-entries.js';

/** The `.gitattributes` of the base that apply to any of the paths. */
export async function findAttributeFiles(
  index: IndexLocation,
  baseSha: string,
  paths: readonly Buffer[],
): Promise<IndexEntry[]> {
  if (paths.length === 0) return [];
  const files = attributeFilesOf(paths);
  const keyOf = (file: Buffer): string => `${baseSha}:${file.toString('latin1')}`;
  const shas = new Map(files.map((file) => [keyOf(file), attributeFiles.get(keyOf(file))]));
  const unknown = files.filter((file) => shas.get(keyOf(file)) === undefined);
  for (const [at, sha] of (await lookUpFiles(index, baseSha, unknown)).entries()) {
    attributeFiles.set(keyOf(unknown[at]!), sha);
    shas.set(keyOf(unknown[at]!), sha);
  }
  return files.flatMap((path) => {
    const sha = shas.get(keyOf(path)) ?? null;
    return sha === null ? [] : [{ path, mode: '100644', sha }];
  });
}

/** Agents work in few folders: the second capture seldom asks. */
const attributeFiles = new Remembered<string | null>(5000);

/** @returns their blobs, in the same order; null for a file that the base does not have */
async function lookUpFiles(
  index: IndexLocation,
  baseSha: string,
  files: readonly Buffer[],
): Promise<(string | null)[]> {
  if (files.length === 0) return [];
  const { stdout } = await runGit({
    ...index,
    purpose: `looking for attributes in ${baseSha}`,
    args: ['cat-file', '--batch-check=%(objectname)'],
    input: Buffer.concat(files.flatMap((file) => [Buffer.from(`${baseSha}:`), file, Buffer.from('\n')])),
  });
  const answers = stdout.toString('latin1').split('\n');
  return files.map((_file, at) => (isSha(answers[at]!) ? answers[at]! : null));
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
