import { Counter, Histogram } from 'prom-client';

/** `stored`, `superseded` (also stored), `repeated`, `rejected`, `failed` (the agent could not capture). */
export const checkpointsTotal = new Counter({
  name: 'patchpoint_checkpoints_total',
  help: 'Checkpoints received, by outcome',
  labelNames: ['result'],
});

export const commitRows = new Histogram({
  name: 'patchpoint_checkpoint_commit_rows',
  help: 'Checkpoints per transaction',
  buckets: [1, 2, 4, 8, 16, 32, 64, 128],
});

export const commitSeconds = new Histogram({
  name: 'patchpoint_checkpoint_commit_seconds',
  help: 'Duration of a transaction that stores checkpoints',
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
});

export const storeSeconds = new Histogram({
  name: 'patchpoint_checkpoint_store_seconds',
  help: 'From the arrival of a checkpoint in NATS until it is committed',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
});
