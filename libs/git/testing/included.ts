import type { Captured } from './round-trip.js';
import { git, type Site } from './repositories.js';

/** What a worktree of these specs has, whatever is included. */
export const IGNORED = '.env*\n*.local\nbuild/\nnode_modules/\n.cache/\n';
const ALWAYS = new Set(['.gitignore', '.patchpoint.json', 'src/a.txt']);

/** The files of a captured state beside those. */
export function heldBy(site: Site, { treeSha }: Captured): string[] {
  const paths = git(site.shadowDir, 'ls-tree', '-r', '--name-only', treeSha).split('\n');
  return paths.filter((path) => !ALWAYS.has(path));
}

export function reasonsOf({ omissions }: Captured): string[] {
  return omissions.map(({ path, reason }) => `${path}: ${reason}`);
}
