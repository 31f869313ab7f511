import { dependencyFolderOf } from '../staging/dependency-folders.js';
import { SINGLE_FILES } from '../staging/find-included.js';

/** Linux takes no longer one. */
const MAX_PATH_LENGTH = 4095;

/** What becomes of one rule of what to include. */
export type Judged =
  | { use: 'rule' }
  /** In a dependency folder, by its own name: this one path and no other. */
  | { use: 'path'; path: string }
  | { use: 'nothing'; why: string };

/**
 * Pure: whether a rule, as `.gitignore` has them, may say what to include. Dependency folders hold what can
 * be fetched again, by the hundred thousand: only a single file in one may be named.
 */
export function judgeRule(rule: string): Judged {
  const text = rule.trimEnd().replace(/^!/, '').replace(/^\//, '');
  if (rule.includes('\0') || text.length > MAX_PATH_LENGTH) {
    return { use: 'nothing', why: 'can be no path' };
  }
  if (text.split('/').includes('..') || text.startsWith('~/')) {
    return { use: 'nothing', why: 'leads outside of the worktree; name files in it' };
  }
  const folder = dependencyFolderOf(latin1(text.endsWith('/') ? text : `${text}/`));
  if (rule.startsWith('!') || folder === null) return { use: 'rule' };
  if (/[*?[\\]/.test(text) || text.endsWith('/') || latin1(text) === folder) {
    return { use: 'nothing', why: SINGLE_FILES };
  }
  if (text.split('/').some((part) => ['', '.', '.git'].includes(part.toLowerCase()))) {
    return { use: 'nothing', why: 'must be the plain path of a file, without "//", "." and ".git" in it' };
  }
  return { use: 'path', path: text };
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
