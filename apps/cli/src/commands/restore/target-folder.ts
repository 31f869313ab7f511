import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from '../../errors/cli-error.js';
import { shortId } from '../../output/format.js';

/** Pure: where a restore goes when nobody says: `NAME-ID` in the current folder. */
export function defaultFolder({ id, name }: { id: string; name: string }): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `${slug || 'task'}-${shortId(id)}`;
}

/**
 * The full path of a folder that does not exist or is empty.
 *
 * @throws CliError `FOLDER_IN_USE`: what lies there may be somebody's work
 */
export async function requireUnusedFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  const isUnused = await readdir(path).then(
    (names) => names.length === 0,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
  if (isUnused) return path;
  throw new CliError(`${path} is there already, and nothing is ever restored over it.`, {
    code: 'FOLDER_IN_USE',
    nextStep: 'Name a new folder with --into, or get single files with --path.',
  });
}
