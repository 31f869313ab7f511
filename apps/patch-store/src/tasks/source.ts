import { ContractError, HARMLESS_LINE, isErrorCode } from '#contracts';
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
  if (baseBranch !== undefined) requireBranch(baseBranch, 'baseBranch');
  if (targetBranch !== undefined) requireTargetBranch(targetBranch);
}

/**
 * As {@link requireSource}, for the branch that a task works on.
 *
 * @throws ContractError `BAD_REF`
 */
export function requireTargetBranch(targetBranch: string): void {
  requireBranch(targetBranch, 'targetBranch');
  if (targetBranch !== 'HEAD') return;
  throw new ContractError('BAD_REF', 'No branch can be called HEAD. Choose another name.', 'targetBranch');
}

/**
 * As {@link requireSource}, for the address alone.
 *
 * @throws ContractError `BAD_URL`, `CREDENTIALS_IN_URL`, `PROTOCOL_FORBIDDEN`
 */
export function requireAddress(repoUrl: string): void {
  refuseAs('repoUrl', () => parseSource(repoUrl));
}

/** What git takes, without characters that make a name look like another one, or move a terminal's cursor. */
function requireBranch(branch: string, field: string): void {
  refuseAs(field, () => requireRefName(branch, field));
  if (HARMLESS_LINE.test(branch)) return;
  throw new ContractError(
    'BAD_REF',
    `${field} has control characters: ${JSON.stringify(branch)}. Leave them out.`,
    field,
  );
}

function refuseAs(path: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof GitError) || !isErrorCode(error.code)) throw error;
    throw new ContractError(error.code, error.message, path, { cause: error });
  }
}
