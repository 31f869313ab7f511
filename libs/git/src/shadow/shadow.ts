import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { GitError } from '../run/git-error.js';
import { runGit } from '../run/run-git.js';
import type { IndexLocation } from '../staging/list-changes.js';
import type { ObjectFormat } from '../values/sha.js';
import type { WorktreeDescription } from '../worktree/describe-worktree.js';

/**
 * Removes every conversion, filter and diff driver from every path. `info/attributes` outranks the worktree's
 * own `.gitattributes`, so bytes are stored and written unchanged, and nothing that a worktree names is run.
 */
const RAW_BYTES = '* -text -ident -filter -working-tree-encoding !eol !diff !merge\n';

const ATTRIBUTES = join('info', 'attributes');

/** A private git dir beside a worktree, through which it is read and written without touching its own. */
export interface Shadow {
  gitDir: string;
  indexFile: string;
  stateFile: string;
}

/** Pure: a worktree as its shadow sees it, with the ignore rules that its owner has for every repository. */
export function shadowIndexOf(
  { gitDir, indexFile }: Shadow,
  { worktreeDir, settings }: Pick<WorktreeDescription, 'worktreeDir' | 'settings'>,
  signal: AbortSignal | undefined,
) {
  const config = [`core.excludesFile=${settings.excludesFile}`];
  return { gitDir, workTree: worktreeDir, indexFile, config, signal } satisfies IndexLocation;
}

export interface ShadowRequest {
  shadowDir: string;
  worktreeDir: string;
  /** Object stores to read from, in addition to the shadow's own. */
  alternates: readonly string[];
  objectFormat: ObjectFormat;
  /** Ignore rules that hold in it, as `.gitignore` has them; by default none. */
  exclusions?: Buffer;
  signal?: AbortSignal | undefined;
}

/**
 * Creates the shadow if there is none, and updates what it knows about its repository. May run again at any
 * time.
 */
export async function openShadow(request: ShadowRequest): Promise<Shadow> {
  const { shadowDir } = request;
  if (!relative(request.worktreeDir, shadowDir).startsWith('..')) {
    throw new GitError('UNSAFE_WORKTREE', `The shadow ${shadowDir} is inside its worktree.`, {
      nextStep: "Keep the daemon's state folder outside of every worktree.",
    });
  }
  await mkdir(shadowDir, { recursive: true });
  if (!isInitialized(shadowDir)) {
    await runGit({
      purpose: `making the shadow ${shadowDir}`,
      args: [
        'init',
        '--quiet',
        '--bare',
        '--template=',
        `--object-format=${request.objectFormat}`,
        shadowDir,
      ],
      // Refs are files, also where git's default is another: `writeRef` writes them.
      variables: { GIT_DEFAULT_REF_FORMAT: 'files' },
      signal: request.signal,
    });
  }
  const { alternates, exclusions = Buffer.alloc(0) } = request;
  await Promise.all([
    keepFile(join(shadowDir, ATTRIBUTES), Buffer.from(RAW_BYTES)),
    keepFile(
      join(shadowDir, 'objects', 'info', 'alternates'),
      Buffer.from(alternates.map((store) => `${store}\n`).join('')),
    ),
    keepFile(join(shadowDir, 'info', 'exclude'), exclusions),
  ]);
  // Only this process uses a shadow, one call after another: a lock file was left by a killed git.
  await rm(join(shadowDir, 'index.lock'), { force: true });
  return {
    gitDir: shadowDir,
    indexFile: join(shadowDir, 'index'),
    stateFile: join(shadowDir, 'patchpoint.json'),
  };
}

/**
 * Git is not called, which would be one more process in every capture. The attributes come last: if they
 * exist, so does everything else.
 */
function isInitialized(shadowDir: string): boolean {
  return ['HEAD', 'config', 'objects', 'refs', ATTRIBUTES].every((part) => existsSync(join(shadowDir, part)));
}

/** Writes a file unless it already has that content. */
async function keepFile(path: string, content: Buffer): Promise<void> {
  if ((await readIfThere(path))?.equals(content)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
