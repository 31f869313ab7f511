import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lookAtEach } from '../worktree/lstat-path.js';
import { Unseen } from '../worktree/unseen.js';
import type { IndexLocation } from './list-changes.js';
import { addFolders } from './survey-index.js';

type Index = IndexLocation & { workTree: string };

/** In more folders than this, git matches the rules faster than their files are looked at. */
const MAX_FOLDERS = 512;

/** Within it a file system may give two changes one time. */
const YOUNG_MS = 2000;

const RULES = '.gitignore';

/**
 * What decides whether an ignore rule matches one of these paths, as a digest: while it is the same, so is
 * the answer of `check-ignore`, a process that takes 7 of the 90 ms of an idle heartbeat. Files are told
 * apart as git's index does it, by what `lstat` says.
 *
 * @param keptFor for a digest that is kept, when the look began at which the rules were applied, in
 *   milliseconds since 1970; what changed since or shortly before may have been applied in part
 * @returns null where nothing may be concluded
 */
export async function signIgnoreRules(
  index: Index,
  paths: readonly Buffer[],
  keptFor = Infinity,
): Promise<string | null> {
  const folders = foldersOf(paths);
  if (index.gitDir === undefined || folders.length > MAX_FOLDERS) return null;
  const isYoung = (found: BigIntStats): boolean => Number(found.ctimeMs) > keptFor - YOUNG_MS;
  const digest = createHash('sha256');
  let isSure = true;
  const take = (path: Buffer, found: BigIntStats | null | Unseen): void => {
    // Git reads no rules through a link, but older versions did.
    if (found instanceof Unseen || found?.isSymbolicLink()) isSure = false;
    else if (found !== null && isYoung(found)) isSure = false;
    else digest.update(path).update(`\0${found === null ? 'none' : signatureOf(found)}\0`);
  };
  for (const file of filesOutside(index.gitDir, index.config)) take(Buffer.from(file), await followed(file));
  const without: Buffer[] = [];
  await lookAtEach(index.workTree, folders.map(rulesIn), (path, found) => {
    take(path, found);
    if (found === null) without.push(path.subarray(0, -RULES.length));
  });
  if (keptFor !== Infinity) {
    // Rules that are gone have left a trace in the time of their folder.
    await lookAtEach(index.workTree, without, (_folder, found) => {
      if (found === null || found instanceof Unseen || isYoung(found)) isSure = false;
    });
  }
  return isSure ? digest.digest('hex') : null;
}

/** All folders on the way to these paths, in latin1; '' is the worktree itself. */
function foldersOf(paths: readonly Buffer[]): string[] {
  const folders = new Set(['']);
  for (const path of paths) addFolders(folders, path);
  return [...folders];
}

function rulesIn(folder: string): Buffer {
  return Buffer.from(folder === '' ? RULES : `${folder}/${RULES}`, 'latin1');
}

function filesOutside(gitDir: string, config: readonly string[] = []): string[] {
  const excludesFile = config.find((setting) => setting.startsWith(EXCLUDES_FILE));
  const ofUser = excludesFile === undefined ? [] : [excludesFile.slice(EXCLUDES_FILE.length)];
  return [join(gitDir, 'info', 'exclude'), ...ofUser];
}

const EXCLUDES_FILE = 'core.excludesFile=';

/** Unlike the others these may be links. */
async function followed(file: string): Promise<BigIntStats | null | Unseen> {
  try {
    return await stat(file, { bigint: true });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : new Unseen('unreadable');
  }
}

function signatureOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}
