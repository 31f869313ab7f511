import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOwnFile } from '../project/read-own-file.js';
import { GitError } from '../run/git-error.js';
import type { Omission } from '../values/omission.js';
import type { WorktreeDescription } from '../worktree/describe-worktree.js';

/** In the top folder of a worktree: what is not to be captured there, as `.gitignore` would say it. */
const IGNORE_FILE = '.patchpointignore';

export interface Exclusions {
  /** The repository's `info/exclude`, the operator's rules, the worktree's: the later outrank the earlier. */
  rules: Buffer;
  /** Those of the operator and the worktree: what they match is not captured even where it is included. */
  withheld: Buffer;
  /** A line for each file that Patchpoint alone reads and that holds rules, so that a checkpoint shows it. */
  omissions: Omission[];
}

/**
 * Reads what keeps untracked files out of a capture, beside `.gitignore` and the user's own excludes. A
 * `.gitignore` that takes a rule back (`!name`) outranks all of them, as it does git's `info/exclude`.
 *
 * @param excludeFile the operator's, for every worktree of a daemon
 * @throws GitError `GIT_FAILED` when that one cannot be read: what is in it was not to be captured
 */
export async function readExclusions(
  worktree: Pick<WorktreeDescription, 'excludeFile' | 'worktreeDir'>,
  excludeFile?: string,
): Promise<Exclusions> {
  const found = await readOwnFile(join(worktree.worktreeDir, IGNORE_FILE));
  const own = found === 'unusable' ? null : found;
  const operators = excludeFile === undefined ? null : await readOperators(excludeFile);
  const ofRepository = await readFile(worktree.excludeFile).catch(() => null);
  return {
    rules: joinRules(ofRepository, operators, own),
    withheld: joinRules(operators, own),
    omissions: [...nameRules('PATCHPOINT_EXCLUDE_FILE', operators), ...nameRules(IGNORE_FILE, own)],
  };
}

function joinRules(...parts: (Buffer | null)[]): Buffer {
  return Buffer.concat(parts.flatMap((rules) => (rules === null ? [] : [rules, LINE_END])));
}

const LINE_END = Buffer.from('\n');

async function readOperators(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new GitError('GIT_FAILED', `PATCHPOINT_EXCLUDE_FILE, ${path}, cannot be read.`, {
      nextStep: 'Make that file readable for the daemon, or unset the variable.',
      cause,
    });
  }
}

function nameRules(path: string, rules: Buffer | null): Omission[] {
  const count = (rules?.toString('utf8').split('\n') ?? []).filter((line) => /^\s*[^#\s]/.test(line)).length;
  return count === 0 ? [] : [{ path, reason: `exclude-file: ${count} ${count === 1 ? 'rule' : 'rules'}` }];
}
