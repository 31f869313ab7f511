import type { Database } from '#database';
import type { OutboxTransaction } from '#outbox';
import type { DaemonRegistry, ResumeDueTask, TaskSteps } from '#tasks';
import type { JanitorConfig } from '../janitor.config.js';
import type { Sweep } from '../sweep.js';
import { DeadDaemonsSweep } from './dead-daemons.js';
import { DeadLettersSweep } from './dead-letters.js';
import { ExpiredConversationsSweep } from './expired-conversations.js';
import { ExpiredPatchesSweep } from './expired-patches.js';
import { ForgottenDaemonsSweep } from './forgotten-daemons.js';
import { IdempotencyKeysSweep } from './idempotency-keys.js';
import { LostTasksSweep } from './lost-tasks.js';
import { StuckSpawnsSweep } from './stuck-spawns.js';

export interface SweepDependencies {
  config: JanitorConfig;
  database: Database;
  outbox: OutboxTransaction;
  steps: TaskSteps;
  daemons: DaemonRegistry;
  resume: ResumeDueTask;
}

/** Everything that the janitor does. A new sweep is a file next to this one, and a line here. */
export function allSweeps({ config, database, outbox, steps, daemons, resume }: SweepDependencies): Sweep[] {
  const { sweepIntervalSeconds, watchIntervalSeconds, daemonTimeoutSeconds } = config;
  return [
    new ExpiredPatchesSweep(sweepIntervalSeconds, outbox),
    new ExpiredConversationsSweep(sweepIntervalSeconds, database),
    new IdempotencyKeysSweep(sweepIntervalSeconds, database),
    new DeadLettersSweep(watchIntervalSeconds, config.deadLetterDays, database),
    new ForgottenDaemonsSweep(sweepIntervalSeconds, database),
    new DeadDaemonsSweep(watchIntervalSeconds, daemonTimeoutSeconds, steps),
    new LostTasksSweep(watchIntervalSeconds, config.maxResumes, resume),
    new StuckSpawnsSweep(watchIntervalSeconds, config, steps, daemons),
  ];
}
