import { dependencyFolderOf } from './dependency-folders.js';
import { listFilesBelow } from './list-files-below.js';
import { listIgnored, type IndexLocation } from './list-changes.js';
import { matchRules, type Matcher } from './match-rules.js';
import { nulSeparated, runGit } from '../run/run-git.js';
import { listIgnoredEntries } from '../worktree/ignored-entries.js';
import { LinkedFolders } from '../worktree/linked-folders.js';
import type { Omission } from '../values/omission.js';
import type { UnseenPath } from './plan-staging.js';

/** Which ignored files belong into a capture all the same. */
export interface Inclusions {
  matcher: Matcher;
  /** As `.gitignore` has them. They never reach into a dependency folder. */
  rules: Buffer;
  /** Single paths, wherever they lie. */
  named: Buffer[];
  /** Rules of what is never captured, whatever the others say. */
  withheld: Buffer;
  /** What of all that is not used, and why. */
  omissions: Omission[];
}

type Index = IndexLocation & { workTree: string };

export interface FoundIncluded {
  /** Untracked files and links. */
  paths: Buffer[];
  /** What cannot be read, and folders where a single file was to be named. */
  unseen: UnseenPath[];
}

/**
 * Finds the ignored files, not yet in the index, that are included. Folders that git ignores as a whole are
 * searched only where there are rules, and dependency folders never.
 */
export async function findIncluded(index: Index, inclusions: Inclusions): Promise<FoundIncluded> {
  const named = await listNamed(index, inclusions.named);
  if (inclusions.rules.length === 0)
    return { ...named, paths: await selectIncluded(inclusions, named.paths) };
  const listed = await listIgnoredEntries(index);
  const folders = listed.filter((path) => path.at(-1) === SLASH);
  const below = await listFilesBelow(index.workTree, folders);
  const files = [...listed.filter((path) => path.at(-1) !== SLASH), ...below.paths, ...named.paths];
  return { paths: await selectIncluded(inclusions, files), unseen: [...named.unseen, ...below.unseen] };
}

const SLASH = 0x2f;

export const SINGLE_FILES = 'would take dependencies; name single files there, without wildcards';

const BEHIND_LINK = 'lies behind a link; name it where it is';

/** Those of some ignored paths that are included. */
export async function selectIncluded(
  { matcher, rules, named, withheld }: Inclusions,
  ignored: readonly Buffer[],
): Promise<Buffer[]> {
  const names = new Set(named.map(toLatin1));
  const matched = await matchRules(
    matcher,
    rules,
    ignored.filter((path) => !isDependency(path) && !names.has(toLatin1(path))),
  );
  const chosen = [...ignored.filter((path) => names.has(toLatin1(path))), ...matched];
  const out = new Set((await matchRules(matcher, withheld, chosen)).map(toLatin1));
  return [...new Map(chosen.map((path) => [toLatin1(path), path]))]
    .filter(([path]) => !out.has(path))
    .map(([, path]) => path);
}

async function listNamed(index: Index, named: readonly Buffer[]): Promise<FoundIncluded> {
  const linkedFolders = new LinkedFolders(index.workTree);
  const reachable: Buffer[] = [];
  const unseen: UnseenPath[] = [];
  for (const path of named) {
    if (await linkedFolders.isBehindLink(path)) unseen.push({ path, reason: `not-used: ${BEHIND_LINK}` });
    else reachable.push(path);
  }
  if (reachable.length === 0) return { paths: [], unseen };
  const untracked: Buffer[] = [];
  for (const some of inParts(reachable)) {
    const { stdout } = await runGit({
      ...index,
      purpose: `looking for the included files of ${index.workTree}`,
      args: ['ls-files', '--others', '--directory', '-z', '--', ...some.map(String)],
    });
    untracked.push(...nulSeparated(stdout));
  }
  const folders = untracked.filter((path) => path.at(-1) === SLASH);
  const files = untracked.filter((path) => path.at(-1) !== SLASH);
  return {
    paths: await listIgnored(index, files),
    unseen: [...unseen, ...folders.map((path) => ({ path, reason: `not-used: ${SINGLE_FILES}` as const }))],
  };
}

/** Each of a size that fits into a command line: `ls-files` reads no paths from its input. */
function inParts(paths: readonly Buffer[]): Buffer[][] {
  const parts: Buffer[][] = [];
  let leftBytes = 0;
  for (const path of paths) {
    leftBytes -= path.length + 1;
    if (leftBytes < 0) {
      parts.push([]);
      leftBytes = PART_BYTES - path.length - 1;
    }
    parts.at(-1)!.push(path);
  }
  return parts;
}

const PART_BYTES = 100_000;

function isDependency(path: Buffer): boolean {
  return dependencyFolderOf(toLatin1(path)) !== null;
}

function toLatin1(path: Buffer): string {
  return path.toString('latin1');
}
