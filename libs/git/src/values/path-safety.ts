const DOT_GIT_ON_NTFS = /^(?:\.git|git~1)[ .]*(?::|$)/i;
/** Code points that HFS+ ignores when it compares names. */
const IGNORED_BY_HFS = /[\u200C-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]/g;

/**
 * Whether writing this path could leave the worktree or reach into a git dir on any file system: empty, `.`
 * and `..` components, absolute paths, and `.git` under all its names. Git has the same rules
 * (`verify_path`); they are also checked here, so that such a name becomes an omission and does not end the
 * capture.
 */
export function isUnsafePath(path: Buffer, isSymlink = false): boolean {
  if (path.length === 0 || path.includes(0)) return true;
  const components = path.toString('utf8').split('/');
  if (components.some(isUnsafeComponent)) return true;
  // Git refuses a link in place of .gitmodules, because it would follow it.
  return (
    isSymlink && /^\.gitmodules[ .]*$|^gitmod~[1-4]$/i.test(components.at(-1)!.replaceAll(IGNORED_BY_HFS, ''))
  );
}

function isUnsafeComponent(component: string): boolean {
  if (component === '' || component === '.' || component === '..') return true;
  if (component.replaceAll(IGNORED_BY_HFS, '').toLowerCase() === '.git') return true;
  return component.split('\\').some((part) => DOT_GIT_ON_NTFS.test(part));
}
