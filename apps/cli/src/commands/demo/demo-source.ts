import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { describeWorktree, NotAWorktreeError } from '#git';

/** The repository that the demo's task works on. */
export interface DemoSource {
  /**
   * `file://` URL of a private bare clone, in the role of the team's git server: pushes go there, never to
   * your repository.
   */
  url: string;
  branch: string;
  filesCount: number;
  /** Text files that the task edits. */
  edited: string[];
  /** A file that it deletes. */
  deleted: string;
}

/**
 * Clones a repository, given as a path or URL, into `folder`.
 *
 * @throws Error when it is not a git repository, has no commits, or has too few text files
 */
export async function openDemoSource(repo: string, folder: string): Promise<DemoSource> {
  const from = (await isFolder(repo)) ? resolve(repo) : repo;
  const bare = join(folder, 'source.git');
  const cloned = await execa('git', ['clone', '--quiet', '--bare', '--no-hardlinks', '--', from, bare], {
    reject: false,
    env: { GIT_TERMINAL_PROMPT: '0' },
  });
  if (cloned.failed) {
    throw new Error(
      `"${repo}" cannot be cloned. git said: ${cloned.stderr.trim()}\n${await adviceFor(from)}`,
    );
  }
  const branch = (await git(bare, 'symbolic-ref', '--short', 'HEAD')).trim();
  const files = (await git(bare, 'ls-tree', '-r', '-l', '-z', 'HEAD')).split('\0').filter(Boolean);
  const editable = files.flatMap(plainTextPath);
  if (editable.length < 4) {
    throw new Error(`"${repo}" has fewer than four small text files; the demo edits three and deletes one.`);
  }
  const [first, second, third, deleted] = spread(editable, 4);
  return {
    url: `file://${bare}`,
    branch,
    filesCount: files.length,
    edited: [first!, second!, third!],
    deleted: deleted!,
  };
}

/** What to do about a repository that cannot be cloned. What git said stands before it. */
async function adviceFor(repo: string): Promise<string> {
  const another = 'Give the demo a git repository with --repo URL or PATH.';
  if (!(await isFolder(repo))) return `${another} \`git clone\` must work on it.`;
  const error: unknown = await describeWorktree(repo).catch((reason: unknown) => reason);
  if (!(error instanceof NotAWorktreeError)) return '`git clone` must work on it first.';
  if (error.fault === 'no-repository') return another;
  return error.fault === 'not-the-top' ? error.nextStep : '`git clone` must work on it first.';
}

const TEXT_EXTENSIONS =
  /\.(?:md|txt|rst|ts|js|mjs|jsx|tsx|json|py|rb|go|rs|java|kt|c|h|cc|cpp|cs|php|sh|ya?ml|toml|css|html)$/i;

/** `<mode> blob <sha> <size>\t<path>` → the path of a plain text file with an ordinary name. */
function plainTextPath(entry: string): string[] {
  const [, mode, size, path] = /^(\d+) blob [0-9a-f]+ +(\d+)\t(.*)$/s.exec(entry) ?? [];
  const isPlain = mode === '100644' && Number(size) > 0 && Number(size) < 200_000;
  return isPlain && TEXT_EXTENSIONS.test(path!) && /^[\w./-]+$/.test(path!) ? [path!] : [];
}

/** `count` items, evenly spread over the list. */
function spread<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]!);
}

async function git(gitDir: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa('git', ['--git-dir', gitDir, ...args], { maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
