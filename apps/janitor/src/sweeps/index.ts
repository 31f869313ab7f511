import type { Database } from '#database';
import type { OutboxRelay } from '#outbox';
import type { JanitorConfig } from '../janitor.config.js';
import type { Sweep } from '../sweep.js';
import { ExpiredPatchesSweep } from './expired-patches.js';

export interface SweepDependencies {
  config: JanitorConfig;
  database: Database;
  relay: OutboxRelay;
}

/** Everything that the janitor does. A new sweep is a file beside this one, and a line here. */
export function allSweeps({ config, database, relay }: SweepDependencies): Sweep[] {
  return [new ExpiredPatchesSweep(config.sweepIntervalSeconds, database, relay)];
}
