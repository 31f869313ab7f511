import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GitError } from '../run/git-error.js';
import { protectObjects } from './protect-objects.js';
import { networkCall, type NetworkOptions } from '../remote/network.js';
import { withNetworkGitDir } from '../remote/network-git-dir.js';
import { firstLine, runGit } from '../run/run-git.js';
import { runExclusive } from '../run/run-exclusive.js';
import { isEmptyTree, requireSha } from '../values/sha.js';
import { parseSource } from '../values/source.js';

export interface MirrorRequest extends NetworkOptions {
  mirrorsDir: string;
  sourceUrl: string;
  /** A commit that is needed; when the mirror lacks it, it is fetched. */
  fetchIfMissing?: string;
}

export interface Mirror {
  mirrorDir: string;
  /** The branch that the source's HEAD names, such as `main`; null for a source without commits. */
  defaultBranch: string | null;
}

/**
 * Gives the local mirror of a source: a bare repository whose branches are under `refs/remotes/origin/`.
 * Tasks borrow its objects, so it keeps every one that it ever had.
 *
 * Cloned on first use into a folder that is renamed into place, so a kill leaves nothing half made. May be
 * called again and side by side: calls for one source run one after another, and only the first clones.
 *
 * @throws GitError `BAD_URL`, `CREDENTIALS_IN_URL`, `PROTOCOL_FORBIDDEN`, `GIT_AUTH_FAILED`,
 *   `SOURCE_UNREACHABLE`, `BASE_MISSING`
 */
export async function ensureMirror(request: MirrorRequest): Promise<Mirror> {
  const source = parseSource(request.sourceUrl);
  if (source.kind === 'new') {
    throw new GitError('BAD_URL', `${request.sourceUrl} has no remote to mirror.`, {
      nextStep: 'Make a new repository for it.',
    });
  }
  if (request.fetchIfMissing !== undefined) requireSha(request.fetchIfMissing, 'fetchIfMissing');
  const name = createHash('sha256').update(source.url).digest('hex').slice(0, 32);
  const mirrorDir = join(request.mirrorsDir, `${name}.git`);
  return runExclusive(`fetch ${mirrorDir}`, async () => {
    if (!existsSync(mirrorDir)) await cloneMirror(source.url, mirrorDir, request);
    await protectObjects(mirrorDir, request.signal);
    if (request.fetchIfMissing !== undefined) await fetchCommit(mirrorDir, request.fetchIfMissing, request);
    return { mirrorDir, defaultBranch: await readDefaultBranch(mirrorDir, request.signal) };
  });
}

/** Brings the mirror's remote-tracking refs up to date. Commits that the source has dropped are kept. */
export async function fetchMirror(request: NetworkOptions & { mirrorDir: string }): Promise<void> {
  await runExclusive(`fetch ${request.mirrorDir}`, () => fetchBranches(request.mirrorDir, request));
}

async function cloneMirror(url: string, mirrorDir: string, options: NetworkOptions): Promise<void> {
  const parent = join(mirrorDir, '..');
  const prefix = `${mirrorDir.slice(parent.length + 1)}.cloning-`;
  await mkdir(parent, { recursive: true });
  const leftovers = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  for (const name of leftovers) await rm(join(parent, name), { recursive: true, force: true });
  const cloneDir = join(parent, `${prefix}${randomUUID()}`);
  const clonedGitDir = join(cloneDir, '.git');
  try {
    await runGit({
      ...networkCall(url, options),
      purpose: `cloning ${url}`,
      args: [
        'clone',
        '--quiet',
        '--no-checkout',
        '--no-recurse-submodules',
        '--template=',
        '--no-local',
        '--',
        url,
        cloneDir,
      ],
    });
    await makeBare(clonedGitDir, options.signal);
    await rename(clonedGitDir, mirrorDir);
  } finally {
    await rm(cloneDir, { recursive: true, force: true });
  }
}

/** Leaves the clone without a branch of its own. */
async function makeBare(gitDir: string, signal?: AbortSignal): Promise<void> {
  await runGit({
    purpose: `setting up ${gitDir}`,
    gitDir,
    args: ['config', 'core.bare', 'true'],
    signal,
  });
  const { stdout } = await runGit({
    purpose: `reading the branch of ${gitDir}`,
    gitDir,
    args: ['symbolic-ref', '--quiet', 'HEAD'],
    expectedExitCodes: [0, 1],
    signal,
  });
  await runGit({
    purpose: `setting up ${gitDir}`,
    gitDir,
    args: ['symbolic-ref', 'HEAD', 'refs/heads/patchpoint-mirror'],
    signal,
  });
  const branch = firstLine(stdout);
  if (branch === '') return;
  await runGit({ purpose: `setting up ${gitDir}`, gitDir, args: ['update-ref', '-d', branch], signal });
}

async function fetchCommit(mirrorDir: string, sha: string, options: NetworkOptions): Promise<void> {
  if (isEmptyTree(sha) || (await hasCommit(mirrorDir, sha, options.signal))) return;
  await fetchBranches(mirrorDir, options);
  if (await hasCommit(mirrorDir, sha, options.signal)) return;
  const stderr = await fetchLooseCommit(mirrorDir, sha, options);
  if (await hasCommit(mirrorDir, sha, options.signal)) return;
  throw baseMissing(sha, mirrorDir, stderr);
}

const FETCH = [
  'fetch',
  '--quiet',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
  '--no-write-fetch-head',
];

async function fetchBranches(mirrorDir: string, options: NetworkOptions): Promise<void> {
  await withNetworkGitDir(mirrorDir, 'origin', (gitDir, url) =>
    runGit({
      ...networkCall(url, options),
      purpose: `fetching ${url} into ${mirrorDir}`,
      gitDir,
      args: [...FETCH, 'origin'],
    }),
  );
}

/** For a commit that is on no branch any more: many servers still give it to those who know its id. */
async function fetchLooseCommit(mirrorDir: string, sha: string, options: NetworkOptions): Promise<string> {
  const { stderr } = await withNetworkGitDir(mirrorDir, 'origin', (gitDir, url) =>
    runGit({
      ...networkCall(url, options),
      purpose: `fetching ${sha} from ${url} into ${mirrorDir}`,
      gitDir,
      args: [...FETCH, 'origin', sha],
      expectedExitCodes: [0, 1, 128],
    }),
  );
  return stderr;
}

export async function hasCommit(gitDir: string, sha: string, signal?: AbortSignal): Promise<boolean> {
  const { exitCode } = await runGit({
    purpose: `looking for ${sha} in ${gitDir}`,
    gitDir,
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${sha}^{commit}`],
    expectedExitCodes: [0, 1, 128],
    signal,
  });
  return exitCode === 0;
}

export function baseMissing(sha: string, where: string, stderr = ''): GitError {
  return new GitError('BASE_MISSING', `The base commit ${sha} is not in ${where}.`, {
    nextStep: 'Push that commit to the source again, or resume from an older checkpoint.',
    stderr,
  });
}

async function readDefaultBranch(gitDir: string, signal?: AbortSignal): Promise<string | null> {
  const { exitCode, stdout } = await runGit({
    purpose: `reading the default branch of ${gitDir}`,
    gitDir,
    args: ['symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD'],
    expectedExitCodes: [0, 1],
    signal,
  });
  return exitCode === 0 ? firstLine(stdout).replace('refs/remotes/origin/', '') : null;
}
