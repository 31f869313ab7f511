/**
 * The spool is at its limit and holds nothing that a newer capture stands in for. Nothing was written or
 * removed.
 */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
  readonly code = 'SPOOL_FULL';

  constructor(limitBytes: number, missingBytes: number) {
    super(
      `SPOOL_FULL: the spool has ${missingBytes} bytes too few for this capture within its limit of ${limitBytes}, and all that it holds is unconfirmed work. ` +
        'Find out why checkpoints are not confirmed (NATS, checkpoint-ingest, Postgres), or raise PATCHPOINT_SPOOL_LIMIT_BYTES.',
    );
  }
}
