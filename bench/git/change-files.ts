import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { plainGit } from './plain-git.js';
import { randomNumbers } from './random.js';

export const EDITED_FILES = 20;
export const NEW_FILES = 3;

const EDITED_LINES_PER_FILE = 12;
const NEW_FILE_LINES = 80;

/** What is done to a worktree in every round: always to the same paths, never with the same content. */
export interface Work {
  edited: readonly { path: string; original: string }[];
  added: readonly string[];
}

/**
 * Picks files to edit, spread over the whole tree, and places for new ones.
 *
 * @throws Error when there are fewer than twenty text files of 200 bytes to 100 kB
 */
export async function chooseWork(worktreeDir: string): Promise<Work> {
  const listing = (await plainGit(worktreeDir, ['ls-files', '-z'])).toString('utf8');
  const paths = listing.split('\0').filter((path) => path !== '' && !path.includes('\uFFFD'));
  const edited: { path: string; original: string }[] = [];
  for (const path of spreadOut(paths)) {
    const original = await readEditable(join(worktreeDir, path));
    if (original !== null) edited.push({ path, original });
    if (edited.length < EDITED_FILES) continue;
    const added = edited
      .slice(0, NEW_FILES)
      .map((file, at) => join(dirname(file.path), `a-new-file-${at}.txt`));
    return { edited, added };
  }
  throw new Error(
    `${worktreeDir} has only ${edited.length} text files of a size to edit; ${EDITED_FILES} are needed.`,
  );
}

/** Every path once, neighbors far apart. */
function* spreadOut(paths: readonly string[]): Generator<string> {
  const stride = Math.max(1, Math.floor(paths.length / (EDITED_FILES * 2)));
  for (let first = 0; first < stride; first += 1) {
    for (let at = first; at < paths.length; at += stride) yield paths[at]!;
  }
}

async function readEditable(file: string): Promise<string | null> {
  const stat = await lstat(file).catch(() => null);
  if (stat === null || !stat.isFile() || stat.size < 200 || stat.size > 100_000) return null;
  const content = await readFile(file);
  const text = content.toString('utf8');
  return Buffer.from(text).equals(content) && !text.includes('\0') ? text : null;
}

/** Edits and adds files. The same `round` writes the same bytes into every worktree. */
export async function doWork(worktreeDir: string, work: Work, round: number): Promise<void> {
  const random = randomNumbers(round + 1);
  for (const { path, original } of work.edited) {
    const lines = original.split('\n');
    for (let count = 0; count < EDITED_LINES_PER_FILE; count += 1) {
      lines.splice(Math.floor(random() * lines.length), random() < 0.5 ? 1 : 0, freshLine(round, random));
    }
    await writeFile(join(worktreeDir, path), lines.join('\n'));
  }
  for (const path of work.added) {
    const lines = Array.from({ length: NEW_FILE_LINES }, () => freshLine(round, random));
    await writeFile(join(worktreeDir, path), lines.join('\n'));
  }
}

/** Takes the new files away again; the edited ones stay as they are. */
export async function removeNewFiles(worktreeDir: string, work: Work): Promise<void> {
  for (const path of work.added) await rm(join(worktreeDir, path), { force: true });
}

function freshLine(round: number, random: () => number): string {
  return `  edited in round ${round}: ${Math.floor(random() * 2 ** 32).toString(36)}`;
}
