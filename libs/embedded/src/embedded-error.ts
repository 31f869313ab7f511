/**
 * A server or an app of the embedded stack could not be found, started or stopped.
 * The message names what was tried, why it failed and what to do next.
 */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';

  constructor(
    message: string,
    options: {
      readonly cause?: unknown;
      /** The data folder is held by a live process: a second start would share its files. */
      readonly inUse?: boolean;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.inUse = options.inUse ?? false;
  }

  private readonly inUse: boolean;

  /** True when another live process works in the data folder. */
  isInUse(): boolean {
    return this.inUse;
  }
}
