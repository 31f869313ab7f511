import { Counter, Gauge } from 'prom-client';

export const tasksSpawned = new Counter({
  name: 'patchpoint_tasks_spawned_total',
  help: 'Tasks spawned for the first time',
});

export const claimsRefused = new Counter({
  name: 'patchpoint_claims_refused_total',
  help: 'Claims of an attempt that were refused',
  labelNames: ['code'],
});

export const eventStreams = new Gauge({
  name: 'patchpoint_event_streams',
  help: 'Event streams that are open over HTTP',
});

export const patchReadBytes = new Counter({
  name: 'patchpoint_patch_read_bytes_total',
  help: 'Compressed patch bytes served',
  labelNames: ['over'],
});
