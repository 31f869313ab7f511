import type { LossReason, RecoveryView } from '#contracts';
import type { Paint } from '../output/paint.js';

const LOSSES: Readonly<Record<LossReason, string>> = {
  'no-checkpoint': 'no checkpoint yet',
  expired: 'patch expired or deleted',
  'too-large': 'patch over the size limit',
  disabled: 'patches are switched off',
};

/**
 * Pure: what a resume would restore, and why that is not the newest state.
 *
 * @param words before the checkpoint if it is the newest, and instead of it if there is none
 */
export function recoveryCell(
  { restorableCheckpointNumber, notNewestBecause }: RecoveryView,
  words: { newest: string; nothing: string },
  paint: Paint,
): string {
  // A newer server may know more reasons.
  const reason = notNewestBecause === null ? '' : (LOSSES[notNewestBecause] ?? notNewestBecause);
  if (restorableCheckpointNumber === null) return paint('red', `${words.nothing}: ${reason}`);
  if (reason === '') return paint('green', `${words.newest}@${restorableCheckpointNumber}`);
  return paint('yellow', `only @${restorableCheckpointNumber}: ${reason}`);
}
