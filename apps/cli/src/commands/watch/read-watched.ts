import { basename } from 'node:path';
import { describeWorktree, findSource, NotAWorktreeError, type WorktreeDescription } from '#git';
import { HARMLESS_LINE, harmlessLine } from '#contracts/text';
import { CliError, usageError } from '../../errors/cli-error.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import type { Watched } from './watched-task.js';

/**
 * Checks a worktree before it is watched.
 *
 * @throws CliError or GitError for a folder that is not a worktree, is not safe to watch, or has a source
 *   that cannot be fetched from
 */
export async function readWatched(folder: string, name: string | undefined): Promise<Watched> {
  const worktree = await describe(folder);
  if (name !== undefined && !HARMLESS_LINE.test(name)) throw badName(name);
  const defaultName = harmlessLine(basename(worktree.worktreeDir)).slice(0, 200);
  // Without a source there is no commit that others could fetch: its checkpoints have no base, and contain
  // everything.
  const repoUrl = (await findSource(worktree)) ?? `new://${sourceName(defaultName)}`;
  return { worktreeDir: worktree.worktreeDir, repoUrl, name, defaultName };
}

function badName(name: string): CliError {
  return usageError(
    `--name ${JSON.stringify(name)} is not one line without control characters.`,
    'Leave them out.',
  );
}

const WITHOUT_REPOSITORY =
  'Name the top folder of a git worktree, or run the command in it. `git init` turns any folder into one.';

async function describe(folder: string): Promise<WorktreeDescription> {
  try {
    return await describeWorktree(folder);
  } catch (error) {
    if (!(error instanceof NotAWorktreeError)) throw error;
    const { code, fault, message, nextStep } = error;
    throw new CliError(message.replace(nextStep, '').trim(), {
      code,
      // Of anything else, `git init` would make a second repository.
      nextStep: fault === 'no-repository' ? WITHOUT_REPOSITORY : nextStep,
      exitCode: EXIT_CODES.usage,
    });
  }
}

function sourceName(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9_]+/, '');
  return safe.slice(0, 100) || 'worktree';
}
