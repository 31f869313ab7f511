import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { GitError } from '../run/git-error.js';
import { noFolder, notFoundByGit, notTheTop } from './not-a-worktree-error.js';
import { operationInProgress, type OperationInProgress } from './operation-in-progress.js';
import { firstLine, runGit, type GitCall } from '../run/run-git.js';
import { realFolder } from './real-folder.js';
import { isSha, type ObjectFormat } from '../values/sha.js';
import { readUserSettings, type UserSettings } from './user-settings.js';

export interface WorktreeDescription {
  worktreeDir: string;
  /** Where this worktree's HEAD and index are. */
  gitDir: string;
  /**
   * Where the repository's refs, objects and configuration are; the same as `gitDir`, except in linked
   * worktrees.
   */
  commonDir: string;
  objectsDir: string;
  indexFile: string;
  excludeFile: string;
  objectFormat: ObjectFormat;
  /** Null while the branch is unborn. */
  headSha: string | null;
  /** The tree of that commit. */
  headTreeSha: string | null;
  /** Null when HEAD is detached. */
  branchName: string | null;
  /** The best ancestor that HEAD shares with the ref that was asked about; undefined: git was not asked. */
  mergeBase?: { ref: string; sha: string | null };
  operation: OperationInProgress | null;
  settings: UserSettings;
}

/**
 * Finds the parts of a worktree and its HEAD. Read-only.
 *
 * @param gitDir where it was made: then whatever lies at `.git` today decides nothing, nor does what the
 *   repository's configuration says of its worktree. By default what git finds from the folder
 * @param comparedRef the full name of a ref, for `mergeBase`
 * @throws NotAWorktreeError with git's words, also for a folder inside a worktree; GitError
 *   `UNSAFE_WORKTREE` for `/` and the home folder
 */
export async function describeWorktree(
  worktreeDir: string,
  signal?: AbortSignal,
  gitDir?: string,
  comparedRef?: string,
): Promise<WorktreeDescription> {
  const realDir = await refuseUnwatchable(worktreeDir);
  const settings = readUserSettings(realDir, gitDir, signal);
  // If there is no worktree, that is the error to throw.
  settings.catch(() => {});
  const start = { cwd: realDir, ...(gitDir !== undefined && { gitDir, workTree: realDir }), signal };
  const standing =
    (await describeAtOnce(start, comparedRef)) ?? (await describeStepByStep(worktreeDir, start));
  return { ...standing, operation: operationInProgress(standing.gitDir), settings: await settings };
}

type Standing = Omit<WorktreeDescription, 'operation' | 'settings'>;

/** From where git is asked: the real path of the worktree, and its git dir where that is known. */
type Start = Pick<GitCall, 'gitDir' | 'workTree' | 'signal'> & { cwd: string };

/**
 * One process for everything that git knows; otherwise each capture would start five.
 *
 * @returns null if it is not that simple: no worktree, HEAD unborn, a line break in a name, or a branch that
 *   is named HEAD
 */
async function describeAtOnce(start: Start, comparedRef?: string): Promise<Standing | null> {
  const realDir = start.cwd;
  const { exitCode, stdout } = await runGit({
    ...start,
    purpose: `looking at the worktree ${realDir}`,
    args: ['rev-parse', ...PLACES, ...HEAD, ...comparisonWith(comparedRef)],
    expectedExitCodes: [0, 128],
  });
  const lines = stdout.toString('utf8').split('\n').slice(0, -1);
  const [topLevel, ...rest] = lines;
  const [headSha = '', headTreeSha = '', headRef, ...compared] = lines.slice(PLACE_LINES);
  if (exitCode !== 0 || topLevel !== realDir || !isSha(headSha) || !isSha(headTreeSha)) return null;
  // Of an ambiguous name, such as a branch HEAD, git prints nothing.
  if (headRef === undefined || (compared.length > 0 && compared[1] !== headRef)) return null;
  return {
    ...placesOf(realDir, rest),
    headSha,
    headTreeSha,
    branchName: headRef === 'HEAD' ? null : shortBranch(headRef),
    ...(comparedRef !== undefined && { mergeBase: { ref: comparedRef, sha: firstMergeBase(compared) } }),
  };
}

const HEAD = ['HEAD^{commit}', 'HEAD^{tree}', '--symbolic-full-name', 'HEAD'];

/** Answered with both names and, each after a `^`, the merge bases; with nothing if there is no such ref. */
function comparisonWith(ref: string | undefined): string[] {
  return ref === undefined ? [] : ['--revs-only', `HEAD...${ref}`];
}

function firstMergeBase(lines: readonly string[]): string | null {
  return lines.find((line) => line.startsWith('^'))?.slice(1) ?? null;
}

/** As `describeAtOnce`, for all cases, and with an error that names what is missing. */
async function describeStepByStep(worktreeDir: string, start: Start): Promise<Standing> {
  const places = await locate(worktreeDir, start);
  const [head, branchName] = await Promise.all([
    readHead(places.gitDir, start.signal),
    readBranch(places.gitDir, start.signal),
  ]);
  return { ...places, ...head, branchName };
}

async function refuseUnwatchable(worktreeDir: string): Promise<string> {
  const realDir = await realFolder(worktreeDir);
  const realHome = await realpath(homedir()).catch(() => homedir());
  if (realDir !== '/' && realDir !== realHome) return realDir;
  throw new GitError(
    'UNSAFE_WORKTREE',
    `${worktreeDir} is the ${realDir === '/' ? 'root' : 'home'} folder.`,
    {
      nextStep: 'Name the worktree of one project.',
    },
  );
}

type Head = Pick<Standing, 'headSha' | 'headTreeSha'>;
type Places = Omit<Standing, keyof Head | 'branchName' | 'mergeBase'>;

const PLACES = [
  '--path-format=absolute',
  '--show-toplevel',
  '--absolute-git-dir',
  '--git-common-dir',
  '--git-path',
  'objects',
  '--git-path',
  'index',
  '--git-path',
  'info/exclude',
  '--show-object-format',
];
const PLACE_LINES = 7;

async function locate(worktreeDir: string, start: Start): Promise<Places> {
  const realDir = start.cwd;
  const { exitCode, stdout, stderr } = await runGit({
    ...start,
    purpose: `locating the repository of ${worktreeDir}`,
    args: ['rev-parse', ...PLACES],
    expectedExitCodes: [0, 128],
  });
  if (exitCode !== 0) throw notFoundByGit(worktreeDir, realDir, stderr);
  const lines = stdout.toString('utf8').split('\n');
  const [topLevel, ...rest] = lines;
  if (lines.length !== PLACE_LINES + 1)
    throw noFolder(worktreeDir, 'a folder name in its path contains a line break');
  if ((await realpath(topLevel!).catch(() => topLevel)) !== realDir)
    throw notTheTop(worktreeDir, realDir, topLevel!);
  return placesOf(realDir, rest);
}

function placesOf(worktreeDir: string, lines: readonly string[]): Places {
  const [gitDir, commonDir, objectsDir, indexFile, excludeFile, objectFormat] = lines as [
    string,
    ...string[],
  ];
  return {
    worktreeDir,
    gitDir,
    commonDir: commonDir!,
    objectsDir: objectsDir!,
    indexFile: indexFile!,
    excludeFile: excludeFile!,
    objectFormat: objectFormat as ObjectFormat,
  };
}

async function readHead(gitDir: string, signal?: AbortSignal): Promise<Head> {
  const { stdout } = await runGit({
    purpose: `reading HEAD of ${gitDir}`,
    gitDir,
    args: ['rev-parse', '--revs-only', 'HEAD^{commit}', 'HEAD^{tree}'],
    signal,
  });
  const [headSha, headTreeSha] = stdout.toString('latin1').split('\n').filter(Boolean);
  return { headSha: headSha ?? null, headTreeSha: headTreeSha ?? null };
}

async function readBranch(gitDir: string, signal?: AbortSignal): Promise<string | null> {
  const { exitCode, stdout } = await runGit({
    purpose: `reading the branch of ${gitDir}`,
    gitDir,
    args: ['symbolic-ref', '--quiet', 'HEAD'],
    expectedExitCodes: [0, 1],
    signal,
  });
  return exitCode === 0 ? shortBranch(firstLine(stdout)) : null;
}

function shortBranch(refName: string): string {
  return refName.replace(/^refs\/heads\//, '');
}
