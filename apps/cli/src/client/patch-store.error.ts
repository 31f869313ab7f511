/** A request that patch-store refused, with the code of its problem document. */
export class PatchStoreError extends Error {
  override readonly name = 'PatchStoreError';

  constructor(
    readonly status: number,
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** patch-store could not be asked, or its answer broke off. */
export class PatchStoreUnreachable extends Error {
  override readonly name = 'PatchStoreUnreachable';

  constructor(
    readonly server: string,
    cause: unknown,
  ) {
    super(`${server} does not answer: ${reasonOf(cause)}.`, { cause });
  }
}

/** fetch says "fetch failed", and keeps what happened as the cause; of several addresses, in a list. */
function reasonOf(error: unknown): string {
  let reason = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  if (reason instanceof AggregateError && reason.errors.length > 0) reason = reason.errors[0];
  return reason instanceof Error ? reason.message : String(reason);
}
