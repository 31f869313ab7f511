import { Counter, Gauge } from 'prom-client';

export const sweptThings = new Counter({
  name: 'patchpoint_janitor_swept_total',
  help: 'Items that a sweep handled',
  labelNames: ['sweep'],
});

export const sweepFailures = new Counter({
  name: 'patchpoint_janitor_sweep_failures_total',
  help: 'Runs of a sweep that failed',
  labelNames: ['sweep'],
});

export const sweepLastSuccess = new Gauge({
  name: 'patchpoint_janitor_last_success_timestamp_seconds',
  help: 'When a sweep last completed (Unix time)',
  labelNames: ['sweep'],
});
