/**
 * Steps 2 and 3: records checkpoints and announces them. Any number of replicas share one consumer.
 *
 *   CheckpointCreated → decode → verify → record (many in one transaction) → outbox → CheckpointStored
 *
 * A checkpoint is stored once. One that can never be stored is kept as a dead letter and announced as
 * rejected.
 */
import { connectHandlers } from '#messaging';
import { runApp } from '#runtime';
import { readIngestConfig } from './ingest.config.js';
import { IngestModule } from './ingest.module.js';

await runApp({
  readConfig: () => readIngestConfig(),
  module: (config) => IngestModule.forRoot(config),
  configure: (app) => connectHandlers(app),
});
