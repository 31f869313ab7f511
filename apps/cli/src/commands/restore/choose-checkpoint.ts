import type { CheckpointView } from '#contracts';
import { CliError } from '../../errors/cli-error.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';

/** Which one a person asked for: by number, by time, or the newest. */
export interface Wanted {
  number?: number | undefined;
  at?: Date | undefined;
}

export interface Choice<Checkpoint> {
  checkpoint: Checkpoint;
  /** Newer ones that were passed over, since nothing can be restored from them. */
  passedOver: Checkpoint[];
}

type Choosable = Pick<
  CheckpointView,
  | 'number'
  | 'attempt'
  | 'sequence'
  | 'superseded'
  | 'patchId'
  | 'bundleId'
  | 'patchAbsentReason'
  | 'createdAt'
>;

/**
 * Pure. The newest is the highest (attempt, sequence) that is not superseded, as for a resume; one that is
 * named by its number may be superseded.
 *
 * @throws CliError `CHECKPOINT_NOT_FOUND`, `PATCH_NOT_FOUND` when what is asked for has nothing to restore
 *   from
 */
export function chooseCheckpoint<Checkpoint extends Choosable>(
  checkpoints: readonly Checkpoint[],
  { number, at }: Wanted,
): Choice<Checkpoint> {
  if (number !== undefined) {
    const checkpoint = checkpoints.find((each) => each.number === number);
    if (checkpoint === undefined) throw notFound(`The task has no checkpoint ${number}.`);
    if (!isRestorable(checkpoint)) throw nothingToRestore(checkpoint);
    return { checkpoint, passedOver: [] };
  }
  const candidates = checkpoints
    .filter(({ superseded, createdAt }) => !superseded && (at === undefined || new Date(createdAt) <= at))
    .sort(newestFirst);
  const [newest] = candidates;
  if (newest === undefined) {
    throw notFound(
      at === undefined
        ? 'The task has no checkpoint yet.'
        : `The task had no checkpoint at ${at.toISOString()}.`,
    );
  }
  const index = candidates.findIndex(isRestorable);
  if (index === -1) throw nothingToRestore(newest);
  return { checkpoint: candidates[index]!, passedOver: candidates.slice(0, index) };
}

/**
 * Pure. What a resume would try after `failed`: the newest that is older than it and has content. Undefined
 * when there is none.
 */
export function nextOlder<Checkpoint extends Choosable>(
  checkpoints: readonly Checkpoint[],
  failed: Choosable,
): Checkpoint | undefined {
  return checkpoints
    .filter((each) => !each.superseded && isRestorable(each) && newestFirst(failed, each) < 0)
    .sort(newestFirst)[0];
}

function newestFirst(a: Choosable, b: Choosable): number {
  return b.attempt - a.attempt || b.sequence - a.sequence || b.number - a.number;
}

function isRestorable({ patchId, bundleId }: Choosable): boolean {
  return patchId !== null || bundleId !== null;
}

function notFound(message: string): CliError {
  return new CliError(message, {
    code: 'CHECKPOINT_NOT_FOUND',
    nextStep: 'See `patchpoint log TASK`.',
    exitCode: EXIT_CODES.notFound,
  });
}

function nothingToRestore({ number, patchAbsentReason }: Choosable): CliError {
  const reason = patchAbsentReason ?? 'its patch has expired or was deleted';
  return new CliError(`Checkpoint ${number} cannot be restored: ${reason}.`, {
    code: patchAbsentReason === null ? 'PATCH_EXPIRED' : 'PATCH_NOT_FOUND',
    nextStep: 'See `patchpoint log TASK` for a checkpoint that still has a patch.',
    exitCode: EXIT_CODES.notFound,
  });
}
