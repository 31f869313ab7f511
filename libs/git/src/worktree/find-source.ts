import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorktreeDescription } from './describe-worktree.js';
import { userConfigEnvironment } from '../run/git-environment.js';
import { GitError } from '../run/git-error.js';
import { firstLine, runGit } from '../run/run-git.js';
import { parseSource } from '../values/source.js';

/**
 * Where others fetch a worktree's commits from: the URL of `origin`, else of the remote that the branch
 * follows, else of the only remote. As the user's git resolves it (`insteadOf`), without credentials, and
 * absolute. Null: the worktree has no remote.
 *
 * @throws GitError `PROTOCOL_FORBIDDEN` or `BAD_URL` for a remote that Patchpoint does not fetch from, and if
 *   there are several candidates
 */
export async function findSource(worktree: WorktreeDescription): Promise<string | null> {
  const remote = await chooseRemote(worktree);
  if (remote === null) return null;
  const { stdout } = await ask(worktree, ['remote', 'get-url', '--', remote]);
  const source = absoluteSource(firstLine(stdout), worktree.worktreeDir);
  parseSource(source);
  return source;
}

/** Pure: a remote's URL, as it may be shown to others. */
export function absoluteSource(url: string, worktreeDir: string): string {
  if (URL.canParse(url) && url.includes('://')) return withoutCredentials(new URL(url), url);
  // As git reads it: a colon before the first slash makes it `host:path`, else it is a path.
  const isPath = isAbsolute(url) || !/^[^/]*:/.test(url);
  return isPath ? pathToFileURL(resolve(worktreeDir, url)).href : url;
}

function withoutCredentials(parsed: URL, url: string): string {
  const keepsUser = parsed.protocol === 'ssh:'; // part of the address: git@host
  if (parsed.password === '' && (keepsUser || parsed.username === '')) return url;
  parsed.password = '';
  if (!keepsUser) parsed.username = '';
  return parsed.href;
}

async function chooseRemote(worktree: WorktreeDescription): Promise<string | null> {
  const names = (await ask(worktree, ['remote'])).stdout.toString('utf8').split('\n').filter(Boolean);
  if (names.includes('origin')) return 'origin';
  const followed = await followedRemote(worktree);
  if (followed !== null && names.includes(followed)) return followed;
  if (names.length < 2) return names[0] ?? null;
  throw new GitError(
    'BAD_URL',
    `${worktree.worktreeDir} has several remotes (${names.join(', ')}), and it is unclear which one others fetch from.`,
    { nextStep: 'Name one of them `origin`, or let the branch follow one (`git branch --set-upstream-to`).' },
  );
}

async function followedRemote(worktree: WorktreeDescription): Promise<string | null> {
  if (worktree.branchName === null) return null;
  const { exitCode, stdout } = await ask(worktree, [
    'config',
    '--get',
    `branch.${worktree.branchName}.remote`,
  ]);
  return exitCode === 0 ? firstLine(stdout) : null;
}

function ask({ worktreeDir }: WorktreeDescription, args: string[]) {
  return runGit({
    purpose: `finding the source of ${worktreeDir}`,
    cwd: worktreeDir,
    environment: userConfigEnvironment(),
    args,
    expectedExitCodes: [0, 1],
  });
}
