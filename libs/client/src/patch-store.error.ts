/** A request that patch-store refused, with the code of its problem document. */
export class PatchStoreError extends Error {
  override readonly name = 'PatchStoreError';

  constructor(
    readonly status: number,
    readonly code: string | undefined,
    message: string,
    /** Of a 401 or 403: where the token came from, or was looked for. */
    readonly refusedToken?: RefusedToken,
  ) {
    super(message);
  }
}

/** The token of a request that was refused, without itself. */
export interface RefusedToken {
  readonly isGiven: boolean;
  /** For people: a variable, or a file. */
  readonly from: string | undefined;
}

/** Error codes of sockets that the other side, or something in between, has closed; undici's included. */
const CUT_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET']);

/** patch-store could not be reached, or its answer broke off. */
export class PatchStoreUnreachable extends Error {
  override readonly name = 'PatchStoreUnreachable';

  constructor(
    readonly server: string,
    cause: unknown,
  ) {
    super(`${server} does not answer: ${reasonOf(cause)}.`, { cause });
  }

  /** The connection broke: the request may have been executed. */
  isCut(): boolean {
    const { code } = innermost(this.cause);
    return code !== undefined && CUT_CODES.has(code);
  }

  /** The server took too long. */
  isTimeout(): boolean {
    return innermost(this.cause).name === 'TimeoutError';
  }
}

function reasonOf(error: unknown): string {
  const { message } = innermost(error);
  return message ?? String(error);
}

interface Reason {
  name?: string;
  message?: string;
  code?: string;
  cause?: Reason;
  errors?: Reason[];
}

/** fetch says "fetch failed", and keeps what happened as the cause; of several addresses, in a list. */
function innermost(error: unknown): Reason {
  let reason: Reason = Object(error);
  while (reason.cause) reason = reason.cause;
  return reason.errors?.[0] ?? reason;
}
