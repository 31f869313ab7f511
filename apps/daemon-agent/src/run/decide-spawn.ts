import type { SpawnTask } from '#contracts';
import type { TaskRecord } from '../state/task-record.js';

/**
 * - `run`: nothing stands in the way
 * - `replace`: an older attempt still runs here, and a resume takes its place: that one is stopped first,
 *   with a last capture
 * - `repetition`: this attempt was already taken on, here; the message came twice
 * - `refuse`: the task runs here, and this is no resume
 */
export type SpawnDecision = 'run' | 'replace' | 'repetition' | 'refuse';

/**
 * Pure: may this order be carried out on a daemon that knows the task as `known`?
 *
 * patch-store resumes a task that runs only when it is a supervisor, when its daemon counts as dead, or by
 * force; a resume that it lets this daemon claim is therefore never refused here.
 */
export function decideSpawn(spawn: SpawnTask, known: TaskRecord | undefined): SpawnDecision {
  if (known === undefined) return 'run';
  if (spawn.attempt <= known.spawn.attempt) return 'repetition';
  if (known.phase === 'ended') return 'run';
  return spawn.resumeSession ? 'replace' : 'refuse';
}

/**
 * Pure: is an order to stop `ordered` one for the attempt that runs here? Also one for a newer attempt is:
 * that there is one means that ours was overtaken. One for an older attempt comes late and must not end its
 * successor.
 */
export function isStopFor(ordered: number, running: number | undefined): boolean {
  return running !== undefined && ordered >= running;
}
