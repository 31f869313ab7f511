import { readdir } from 'node:fs/promises';
import { Counter, Gauge } from 'prom-client';
import type { Spool, SpoolFolders } from './spool.js';

/** `spooled`, `unchanged`, `failed` (an answer to a request included). */
export const capturesTotal = new Counter({
  name: 'patchpoint_captures_total',
  help: 'Captures of worktrees, by outcome',
  labelNames: ['outcome'],
});

export const supersededTotal = new Counter({
  name: 'patchpoint_spool_superseded_total',
  help: 'Unconfirmed checkpoints that were dropped for a newer one because the spool or the disk was full',
});

/** The spool of this process, once it is open. */
let observed: { spool: Spool; folders: SpoolFolders } | undefined;

/** Shows this spool in the metrics. */
export function observeSpool(spool: Spool, folders: SpoolFolders): void {
  observed = { spool, folders };
}

export const spoolEntries = new Gauge({
  name: 'patchpoint_spool_entries',
  help: 'Unconfirmed checkpoints',
  collect() {
    this.set(observed?.spool.pending().length ?? 0);
  },
});

export const spoolBytes = new Gauge({
  name: 'patchpoint_spool_bytes',
  help: 'Bytes of unconfirmed checkpoints',
  collect() {
    this.set(observed?.spool.sizeBytes() ?? 0);
  },
});

export const spoolOldestSeconds = new Gauge({
  name: 'patchpoint_spool_oldest_seconds',
  help: 'Age of the oldest unconfirmed checkpoint; 0 when there is none',
  collect() {
    const times = observed?.spool.pending().map(({ capturedAt }) => capturedAt.getTime()) ?? [];
    this.set(times.length === 0 ? 0 : Math.max(0, Date.now() - Math.min(...times)) / 1000);
  },
});

export const spoolQuarantined = new Gauge({
  name: 'patchpoint_spool_quarantined',
  help: 'Checkpoints that were damaged on disk, in quarantine/ until somebody removes them',
  async collect() {
    this.set(await filesIn(observed?.folders.quarantine));
  },
});

export const spoolRejected = new Gauge({
  name: 'patchpoint_spool_rejected',
  help: 'Checkpoints that can never be stored, in rejected/ until somebody removes them',
  async collect() {
    this.set(await filesIn(observed?.folders.rejected));
  },
});

async function filesIn(folder: string | undefined): Promise<number> {
  if (folder === undefined) return 0;
  return (await readdir(folder)).filter((name) => name.endsWith('.checkpoint')).length;
}
