/** There is no connection to NATS now. Trying again later may succeed, unless the process is stopping. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError';

  constructor(address: string, options?: { cause?: unknown; isStopping?: boolean }) {
    super(
      options?.isStopping
        ? `The connection to NATS at ${address} is closed: this process is stopping.`
        : `There is no connection to NATS at ${address}. It is made again as soon as the server answers; check NATS_URL and the server if it stays away.`,
      options,
    );
  }
}
