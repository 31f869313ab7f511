import type { SpawnTask } from '#contracts';
import type { TaskRecord } from '../state/task-record.js';

/**
 * - `run`: nothing prevents it
 * - `replace`: an older attempt still runs here, and a resume replaces it: it is stopped first, with a final
 *   capture
 * - `repetition`: this daemon has already accepted this attempt; the message was delivered twice
 * - `refuse`: the task runs here, and this is not a resume
 */
export type SpawnDecision = 'run' | 'replace' | 'repetition' | 'refuse';

/**
 * Pure: may this order be executed on a daemon that knows the task as `known`?
 *
 * patch-store resumes a task that runs only when it is a supervisor, when its daemon is considered dead, or
 * by force; a resume that this daemon could claim is therefore never refused here. The number of an attempt
 * that no patch-store gave says nothing.
 */
export function decideSpawn(spawn: SpawnTask, known: TaskRecord | undefined): SpawnDecision {
  if (known === undefined || known.isUnclaimed) return 'run';
  if (spawn.attempt <= known.spawn.attempt) return 'repetition';
  if (known.phase === 'ended') return 'run';
  return spawn.resumeSession ? 'replace' : 'refuse';
}

/**
 * Pure: does an order to stop attempt `ordered` apply to the attempt that runs here? An order for a newer
 * attempt does: the one here is superseded. An order for an older attempt is late and must not end its
 * successor.
 */
export function isStopFor(ordered: number, running: number | undefined): boolean {
  return running !== undefined && ordered >= running;
}
