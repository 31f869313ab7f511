import { ContractError } from '#contracts';

/** There is none, or none that the caller may see. */
export function patchNotFound(patchId: string): ContractError {
  return new ContractError(
    'PATCH_NOT_FOUND',
    `There is no patch ${patchId}. It may have expired.`,
    'patchId',
  );
}
