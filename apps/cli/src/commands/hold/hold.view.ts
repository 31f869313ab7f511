import type { HeldCheckpoint } from '#git';
import { age, count, oneLine, shortId } from '../../output/format.js';
import type { Look } from '../../output/output.js';

/** Pure: `patchpoint hold list`. */
export function holdsView({ held }: { held: readonly HeldCheckpoint[] }, { paint, now }: Look): string {
  if (held.length === 0) return 'Nothing is held.';
  return held
    .map(({ eventId, taskId, attempt, sequence, heldAt, files }) => {
      const place = `task ${shortId(taskId)}, checkpoint ${sequence} of attempt ${attempt}`;
      const head = `${paint('bold', eventId)}  ${place}, held ${age(heldAt, now)} ago`;
      const rows = files.map(({ path, rules, isUntracked }) => {
        const why = `${rules.join(', ') || 'not-scanned'}${isUntracked ? '' : ', tracked by git'}`;
        return `  ${oneLine(path)}  ${paint('dim', oneLine(why))}`;
      });
      return [head, ...rows].join('\n');
    })
    .join('\n\n');
}

/** Pure: `patchpoint hold release` and `omit`. */
export function decidedView({ eventId, decision, files }: Decided): string {
  const what = count(files.length, 'file');
  return decision === 'release'
    ? `Released: ${eventId} is sent with its ${what}, and their contents are not asked for again.`
    : `Left out: ${what}; the worktree is captured again without them.`;
}

export interface Decided extends Pick<HeldCheckpoint, 'eventId' | 'files'> {
  decision: 'release' | 'omit';
}
