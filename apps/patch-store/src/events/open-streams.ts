import { ContractError } from '#contracts';
import { eventStreams } from '../metrics.js';

/**
 * How many event streams are open. Each holds a consumer of NATS, a socket and what was read ahead; 600 of
 * them once kept the API from answering.
 */
export class OpenStreams {
  private count = 0;

  /** @param most that may be open at once in this process */
  constructor(private readonly most: number) {}

  /**
   * Takes a place until the function returned is called.
   *
   * @throws ContractError `TOO_MANY_STREAMS`
   */
  take(): () => void {
    if (this.count >= this.most) {
      throw new ContractError(
        'TOO_MANY_STREAMS',
        `${this.most} event streams are open, which is all that this server keeps (PATCHPOINT_EVENT_STREAMS). ` +
          'Close one, or try again in a moment.',
      );
    }
    eventStreams.set(++this.count);
    return () => eventStreams.set(--this.count);
  }
}
