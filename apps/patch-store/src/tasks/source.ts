import { ContractError, isErrorCode } from '#contracts';
import { GitError, parseSource, requireRefName } from '#git';

/** Where a task's code comes from. */
export interface TaskSource {
  repoUrl: string;
  baseBranch?: string;
  targetBranch?: string;
}

/**
 * Refuses a source that no daemon could fetch from, before it is stored and sent anywhere.
 *
 * @throws ContractError `BAD_URL`, `CREDENTIALS_IN_URL`, `PROTOCOL_FORBIDDEN`, `BAD_REF`, with the field at
 *   fault
 */
export function requireSource({ repoUrl, baseBranch, targetBranch }: TaskSource): void {
  requireAddress(repoUrl);
  if (baseBranch !== undefined) refuseAs('baseBranch', () => requireRefName(baseBranch, 'baseBranch'));
  if (targetBranch !== undefined) requireTargetBranch(targetBranch);
}

/**
 * As {@link requireSource}, for the branch that a task works on.
 *
 * @throws ContractError `BAD_REF`
 */
export function requireTargetBranch(targetBranch: string): void {
  refuseAs('targetBranch', () => requireRefName(targetBranch, 'targetBranch'));
}

/**
 * As {@link requireSource}, for the address alone.
 *
 * @throws ContractError `BAD_URL`, `CREDENTIALS_IN_URL`, `PROTOCOL_FORBIDDEN`
 */
export function requireAddress(repoUrl: string): void {
  refuseAs('repoUrl', () => parseSource(repoUrl));
}

function refuseAs(path: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof GitError) || !isErrorCode(error.code)) throw error;
    throw new ContractError(error.code, error.message, path, { cause: error });
  }
}
