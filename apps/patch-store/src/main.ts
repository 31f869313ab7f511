/**
 * Step 4: the HTTP API and the requests of daemons; creates, stops and resumes tasks.
 *
 *   resume: lock → choose the newest restorable checkpoint → SpawnTask through the outbox
 *
 * A POST with an Idempotency-Key runs once. Daemons get answers about the attempt that they hold.
 */
import { runApp } from '#runtime';
import { patchStore } from './patch-store.app.js';

await runApp(patchStore);
