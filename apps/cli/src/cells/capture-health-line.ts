import type { TaskSummary } from '#contracts';
import { duration, oneLine, shortId } from '../output/format.js';
import type { Look } from '../output/output.js';

/** Pure: since when and why a task's worktree cannot be captured, and what to do; undefined when it can. */
export function captureHealthLine(task: TaskSummary, { paint, now }: Look): string | undefined {
  const { id, name, daemonId, worktreePath, failingCaptures, unsavedWork } = task;
  if (!failingCaptures) return undefined; // an older server leaves it out
  const since = duration(Math.max(0, (now.getTime() - Date.parse(failingCaptures.since)) / 1000));
  const who = `${shortId(id)} ${oneLine(name)}`;
  const reason = oneLine(failingCaptures.reason);
  if (!unsavedWork) return paint('red', `${who}: no capture has worked for ${since}: ${reason}`);
  const where = `${oneLine(worktreePath ?? 'its worktree')} on ${daemonId ?? 'its daemon'}`;
  return (
    paint('red', `${who}: unsaved work in ${where}, for ${since}: ${reason}`) +
    `\n  Run \`patchpoint checkpoint ${shortId(id)}\` to capture it again.`
  );
}
