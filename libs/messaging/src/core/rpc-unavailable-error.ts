/** A request got no answer, or the answer that the server is at fault. The same request may succeed later. */
export class RpcUnavailableError extends Error {
  override readonly name = 'RpcUnavailableError';

  constructor(
    readonly subject: string,
    reason: string,
    options?: { cause?: unknown },
  ) {
    super(`No answer to ${subject}: ${reason}. Ask again later.`, options);
  }
}
