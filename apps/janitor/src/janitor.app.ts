import type { AppDefinition } from '#runtime';
import { readJanitorConfig, type JanitorConfig } from './janitor.config.js';
import { JanitorModule } from './janitor.module.js';

/** janitor: deletes what has expired, and resumes what was lost. */
export const janitor: AppDefinition<JanitorConfig> = {
  readConfig: () => readJanitorConfig(),
  module: (config) => JanitorModule.forRoot(config),
};
