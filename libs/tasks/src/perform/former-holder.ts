import type { EntityManager } from 'typeorm';
import { findAttemptHolders, type Task } from '#database';

/**
 * The daemon that held an older attempt of the task, for `standing`; null: none did, or the attempt is not an
 * older one. Reads nothing in the usual case, that of the newest attempt.
 */
export async function findFormerHolder(
  manager: EntityManager,
  task: Pick<Task, 'id' | 'attempt'>,
  attempt: number,
): Promise<string | null> {
  if (attempt >= task.attempt) return null;
  const holders = await findAttemptHolders(manager, [task.id]);
  return holders.find((held) => held.attempt === attempt)?.daemonId ?? null;
}

/** The newest attempt that the daemon holds or held; the task's newest when it never had one. */
export async function newestAttemptOf(
  manager: EntityManager,
  task: Pick<Task, 'id' | 'attempt' | 'daemonId'>,
  daemonId: string,
): Promise<number> {
  if (task.daemonId === daemonId) return task.attempt;
  const holders = await findAttemptHolders(manager, [task.id]);
  const held = holders.filter((holder) => holder.daemonId === daemonId).map(({ attempt }) => attempt);
  return held.length === 0 ? task.attempt : Math.max(...held);
}
