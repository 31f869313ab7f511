import { lstatSync, type Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { eachRecord, runGit } from '../run/run-git.js';
import type { IndexLocation } from '../staging/list-changes.js';
import { joinPath } from '../worktree/lstat-path.js';
import { KnownModes } from './known-modes.js';

/** Looked at without a pause: some two milliseconds, in which this process reads nothing from git. */
const WITHOUT_PAUSE = 512;

type Index = IndexLocation & { workTree: string };

/**
 * Looks at every file in an index, beside git, which looks at them at the same time. 30,000 take 0.2 s on a
 * busy machine, and three times as long with Node's asynchronous `lstat` (ADR 17).
 *
 * @param folders that hold tracked files, in latin1
 */
export async function lookAtAllModes(
  index: Index,
  folders: readonly string[],
  begunAt: number,
): Promise<KnownModes> {
  const modes = new Map<string, number>();
  const remarkable: [path: string, found: Stats][] = [];
  const take = (bytes: Buffer, start: number, end: number): void => {
    const path = bytes.toString('latin1', start, end);
    const found = lookAtFile(index.workTree, path);
    if (found !== 'unseen' && found !== null) {
      modes.set(path, found.mode & 0o7777);
      if (found.nlink > 1 || found.ctimeMs >= begunAt - 2000) remarkable.push([path, found]);
    }
  };
  await runGit({
    ...index,
    purpose: `listing the files of ${index.workTree}`,
    args: ['ls-files', '-z'],
    consume: (stdout) => eachRecord(stdout, take),
  });
  const known = KnownModes.fromAll(modes, folders);
  for (const [path, found] of remarkable) known.note(path, found, begunAt);
  return known;
}

/** Looks at these again. One that cannot be looked at stays as it was known. */
export async function lookAtModes(
  worktreeDir: string,
  paths: Iterable<string>,
  known: KnownModes,
  begunAt: number,
): Promise<void> {
  let looked = 0;
  for (const path of paths) {
    const found = lookAtFile(worktreeDir, path);
    if (found === null) known.forget(path);
    else if (found !== 'unseen') known.note(path, found, begunAt);
    looked += 1;
    if (looked % WITHOUT_PAUSE === 0) await setImmediate();
  }
}

/** The twelve bits of each folder that is there. Paths in latin1; '' is the worktree itself. */
export async function lookAtFolders(
  worktreeDir: string,
  folders: Iterable<string>,
): Promise<Map<string, number>> {
  const modes = new Map<string, number>();
  let looked = 0;
  for (const folder of folders) {
    const found = look(worktreeDir, folder);
    if (found !== 'unseen' && found?.isDirectory()) modes.set(folder, found.mode & 0o7777);
    looked += 1;
    if (looked % WITHOUT_PAUSE === 0) await setImmediate();
  }
  return modes;
}

/** Null when there is no regular file; links have no mode. */
function lookAtFile(worktreeDir: string, path: string): Stats | null | 'unseen' {
  const found = look(worktreeDir, path);
  return found === 'unseen' || found?.isFile() ? found : null;
}

function look(worktreeDir: string, path: string): Stats | null | 'unseen' {
  // Most names are plain: without the copy into bytes a look at them takes a quarter less.
  const place = PLAIN.test(path)
    ? `${worktreeDir}/${path}`
    : joinPath(worktreeDir, Buffer.from(path, 'latin1'));
  try {
    return lstatSync(place, NO_ERROR) ?? null;
  } catch {
    return 'unseen';
  }
}

const PLAIN = /^[ -~]*$/;
const NO_ERROR = { throwIfNoEntry: false } as const;
