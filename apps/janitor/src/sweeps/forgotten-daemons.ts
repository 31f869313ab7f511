import { deleteForgottenDaemons, type Database } from '#database';
import type { Sweep, SweepResult } from '../sweep.js';
import { inBatches } from './in-batches.js';

/** Daemons per statement: a few hundred, so that its locks are short. */
const BATCH_SIZE = 500;

/** Thirty days: longer than a laptop is usually switched off, and longer than patches are kept by default. */
const SILENT_FOR_SECONDS = 30 * 24 * 3600;

/** Deletes daemons that will not come back: each short-lived machine leaves one behind. */
export class ForgottenDaemonsSweep implements Sweep {
  readonly name = 'forgotten-daemons';

  constructor(
    readonly everySeconds: number,
    private readonly database: Database,
  ) {}

  run(signal: AbortSignal): Promise<SweepResult> {
    const batch = { silentForSeconds: SILENT_FOR_SECONDS, limit: BATCH_SIZE };
    return inBatches(signal, BATCH_SIZE, () => deleteForgottenDaemons(this.database.manager, batch));
  }
}
