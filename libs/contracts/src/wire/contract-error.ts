import type { ErrorCode } from '../fields/error-codes.js';

/**
 * An input that can never succeed: sending it again unchanged gives the same answer. Consumers settle it as a
 * dead letter, HTTP answers 4xx, request/reply answers with an error reply.
 */
export class ContractError extends Error {
  override readonly name = 'ContractError';

  /**
   * @param code one of the documented codes
   * @param message one sentence that names the subject, the cause and, where there is one, the next step
   * @param path the field at fault, dotted from the top of the message (`omissions.0.path`), if there is one
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly path?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
