import type { CheckpointStored } from '#contracts';
import { CliError } from '../../errors/cli-error.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import { count } from '../../output/format.js';

/** What is known of a watch when it is over. */
export interface WatchOutcome {
  /** Why it ended; undefined: it was asked to. */
  failure: string | undefined;
  /** The person did not wait for the last capture. */
  isCutOff: boolean;
  /** Why the last capture failed; undefined: it did not. */
  captureFailure: string | undefined;
  /** Kept on this machine, and sent by the next watch. */
  unconfirmedCount: number;
  /** The newest checkpoint that this watch stored. */
  newest: CheckpointStored | undefined;
}

/** What became of the last state of the worktree. `none`: there was no last capture. */
export type LastCapture = 'stored' | 'waiting' | 'failed' | 'cut-off' | 'none';

/** Pure. */
export function lastCaptureOf(outcome: WatchOutcome): LastCapture {
  if (outcome.captureFailure !== undefined) return 'failed';
  if (outcome.isCutOff) return 'cut-off';
  if (outcome.unconfirmedCount > 0) return 'waiting';
  return outcome.failure === undefined && outcome.newest !== undefined ? 'stored' : 'none';
}

/**
 * Pure: how the command ends, when not well. What was lost for certain comes before what may still arrive.
 *
 * @param places where a person finds more
 */
export function judgeWatch(
  outcome: WatchOutcome,
  places: { logFile: string; stateDir: string },
): CliError | undefined {
  const { failure, captureFailure, unconfirmedCount, newest } = outcome;
  const waiting =
    unconfirmedCount === 0 ? '' : ` ${count(unconfirmedCount, 'checkpoint')} wait on this disk.`;
  if (captureFailure !== undefined) {
    return new CliError(`The last state is in no checkpoint: ${captureFailure}${waiting}`, {
      code: 'CAPTURE_FAILED',
      nextStep: `Mend that and watch again. The log is ${places.logFile}.`,
    });
  }
  if (outcome.isCutOff) {
    return new CliError(`Cut off: the last state may be in no checkpoint.${waiting}`, {
      code: 'INTERRUPTED',
      nextStep: 'Run `patchpoint watch --once` here to store it.',
      exitCode: EXIT_CODES.interrupted,
    });
  }
  if (unconfirmedCount > 0) {
    const wait = `${count(unconfirmedCount, 'checkpoint')} ${unconfirmedCount === 1 ? 'waits' : 'wait'}`;
    return new CliError(`Stored on this disk only: ${wait} in ${places.stateDir}.`, {
      code: 'NOT_STORED',
      nextStep: 'The next `patchpoint watch` in this folder delivers what waits, once there is a server.',
      exitCode: EXIT_CODES.onThisDiskOnly,
    });
  }
  if (failure !== undefined) return new CliError(failure, { code: 'WATCH_ENDED' });
  if (newest === undefined) {
    return new CliError('Nothing was stored by this watch.', {
      code: 'NOT_STORED',
      nextStep: `The watcher's log is ${places.logFile}.`,
    });
  }
  return newest.hasPatch ? undefined : notRestorable(newest);
}

function notRestorable({ checkpointNumber, patchAbsentReason }: CheckpointStored): CliError {
  const [why, nextStep] =
    patchAbsentReason === 'disabled'
      ? ['patches are switched off', 'Unset PATCHPOINT_PATCHES_ENABLED.']
      : [
          'what changed is over the size limit',
          'Ignore what is large (`.gitignore`), or raise PATCHPOINT_MAX_PATCH_SIZE_BYTES; ' +
            `\`patchpoint show\` lists the files.`,
        ];
  return new CliError(`Checkpoint @${checkpointNumber} holds nothing to restore: ${why}.`, {
    code: 'NOT_RESTORABLE',
    nextStep,
  });
}
