/**
 * The spool is at its limit and holds nothing that a newer capture replaces. Nothing was written or removed.
 */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
  readonly code = 'SPOOL_FULL';

  constructor(limitBytes: number, missingBytes: number) {
    super(
      `SPOOL_FULL: this capture needs ${missingBytes} bytes more than the spool's limit of ${limitBytes} allows, and everything in the spool is unconfirmed work. ` +
        'Find out why checkpoints are not confirmed (NATS, checkpoint-ingest, Postgres), or raise PATCHPOINT_SPOOL_LIMIT_BYTES.',
    );
  }
}
