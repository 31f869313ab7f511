import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { GitError } from './git-error.js';
import { runGit } from './run-git.js';
import type { ObjectFormat } from './sha.js';

/**
 * Takes every conversion, filter and diff driver from every path. `info/attributes` outranks the worktree's own
 * `.gitattributes`, so bytes go in and come out as they are and nothing that a worktree names is run.
 */
const RAW_BYTES = '* -text -ident -filter -working-tree-encoding !eol !diff !merge\n';

/** A private git dir beside a worktree, through which it is read and written without touching its own. */
export interface Shadow {
  gitDir: string;
  indexFile: string;
  stateFile: string;
}

export interface ShadowRequest {
  shadowDir: string;
  worktreeDir: string;
  /** Object stores to read from, beside the shadow's own. */
  alternates: readonly string[];
  objectFormat: ObjectFormat;
  /** Ignore rules to copy, when there are any. */
  excludeFile?: string;
  signal?: AbortSignal | undefined;
}

/** Makes the shadow when there is none and renews what it knows of its repository. May run again at any time. */
export async function openShadow(request: ShadowRequest): Promise<Shadow> {
  const { shadowDir } = request;
  if (!relative(request.worktreeDir, shadowDir).startsWith('..')) {
    throw new GitError('UNSAFE_WORKTREE', `The shadow ${shadowDir} lies inside its worktree.`, {
      nextStep: "Keep the daemon's state folder outside of every worktree.",
    });
  }
  await mkdir(shadowDir, { recursive: true });
  if (!(await isInitialized(shadowDir, request))) {
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
      signal: request.signal,
    });
  }
  await mkdir(join(shadowDir, 'info'), { recursive: true });
  await writeFile(join(shadowDir, 'info', 'attributes'), RAW_BYTES);
  await replaceFile(
    join(shadowDir, 'objects', 'info', 'alternates'),
    request.alternates.map((store) => `${store}\n`).join(''),
  );
  await copyExcludes(request.excludeFile, join(shadowDir, 'info', 'exclude'));
  // Only this process works in a shadow, one call after another: a lock file is what a killed git left.
  await rm(join(shadowDir, 'index.lock'), { force: true });
  return {
    gitDir: shadowDir,
    indexFile: join(shadowDir, 'index'),
    stateFile: join(shadowDir, 'patchpoint.json'),
  };
}

async function isInitialized(shadowDir: string, request: ShadowRequest): Promise<boolean> {
  const { exitCode } = await runGit({
    purpose: `looking at the shadow ${shadowDir}`,
    gitDir: shadowDir,
    args: ['rev-parse', '--git-dir'],
    expectedExitCodes: [0, 128],
    signal: request.signal,
  });
  return exitCode === 0;
}

async function replaceFile(path: string, content: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

async function copyExcludes(from: string | undefined, to: string): Promise<void> {
  await rm(to, { force: true });
  if (from === undefined) return;
  try {
    await copyFile(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
