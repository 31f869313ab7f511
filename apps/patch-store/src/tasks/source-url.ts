import { ContractError, isErrorCode } from '#contracts';
import { GitError, parseSource } from '#git';

/**
 * Refuses a source that no daemon could fetch from, before it is stored and sent anywhere.
 *
 * @throws ContractError `BAD_URL`, `CREDENTIALS_IN_URL`, `PROTOCOL_FORBIDDEN`
 */
export function requireSource(source: string, path: string): void {
  try {
    parseSource(source);
  } catch (error) {
    if (!(error instanceof GitError) || !isErrorCode(error.code)) throw error;
    throw new ContractError(error.code, error.message, path, { cause: error });
  }
}
