import { Logger } from '@nestjs/common';
import type { CheckpointToRestore } from '#contracts';
import { persist } from './persist.js';
import type { Persist, RestoreOutcome } from './restore-from-checkpoint.js';

type Restored = Extract<RestoreOutcome, { outcome: 'restored' }>;

export type NewestRestored =
  | (Restored & { checkpoint: CheckpointToRestore; failedTries: string[] })
  | { outcome: 'none'; failedTries: string[] };

export interface RestoreNewestDependencies {
  /**
   * Tries one checkpoint. Throws for a failure that is not the checkpoint's fault and persisted through
   * retries.
   */
  restore: (checkpoint: CheckpointToRestore, persistently: Persist) => Promise<RestoreOutcome>;
  /** The newest restorable checkpoint that is older than that number. */
  olderCheckpoint: (beforeNumber: number) => Promise<CheckpointToRestore | undefined>;
  /** Durable once it resolves. */
  restoreFailed: (checkpointNumber: number, reason: string) => Promise<void>;
  /** A line for the task's output. */
  say: (line: string) => void;
  signal: AbortSignal;
}

/** Restores `newest`, or the next older checkpoint that can be restored. Each choice is reported and said. */
export async function restoreNewest(
  newest: CheckpointToRestore,
  deps: RestoreNewestDependencies,
): Promise<NewestRestored> {
  const logger = new Logger('RestoreNewest');
  const failedTries: string[] = [];
  let checkpoint: CheckpointToRestore | undefined = newest;
  while (checkpoint !== undefined) {
    const current: CheckpointToRestore = checkpoint;
    const number = current.checkpointNumber!;
    const sayRetry = (error: Error): void =>
      deps.say(`Checkpoint ${number} cannot be restored yet, trying again: ${error.message}`);
    const outcome = await deps.restore(current, (work) => persist(work, sayRetry, deps.signal));
    failedTries.push(...outcome.failedTries);
    if (outcome.outcome === 'restored') {
      for (const tried of outcome.failedTries) deps.say(`Warning: failed to restore ${tried}`);
      return { ...outcome, checkpoint: current, failedTries };
    }
    const reason = outcome.failedTries.join('; ');
    logger.warn({ msg: 'a checkpoint cannot be restored', number, reason });
    await deps.restoreFailed(number, reason);
    checkpoint = await deps.olderCheckpoint(number);
    deps.say(
      checkpoint === undefined
        ? `Warning: failed to restore checkpoint ${number} (${reason}), and there is no older one`
        : `Warning: failed to restore checkpoint ${number} (${reason}), trying the older checkpoint ${checkpoint.checkpointNumber}`,
    );
  }
  return { outcome: 'none', failedTries };
}
