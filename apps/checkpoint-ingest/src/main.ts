import { connectHandlers } from '#messaging';
import { runApp } from '#runtime';
import { readIngestConfig } from './ingest.config.js';
import { IngestModule } from './ingest.module.js';

await runApp({
  readConfig: () => readIngestConfig(),
  module: (config) => IngestModule.forRoot(config),
  configure: (app) => connectHandlers(app),
});
