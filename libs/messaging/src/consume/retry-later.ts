/**
 * Thrown by a handler that cannot do its work yet, through nobody's fault: the message comes again after the
 * delay, and nothing is logged as a failure.
 */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';

  constructor(
    readonly delayMilliseconds: number,
    reason: string,
  ) {
    super(reason);
  }
}
