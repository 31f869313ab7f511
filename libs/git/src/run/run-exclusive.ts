import pLimit, { type LimitFunction } from 'p-limit';

const limits = new Map<string, LimitFunction>();

/**
 * Runs the tasks of one key (a folder) one after another within this process; those of different keys run
 * concurrently.
 */
export async function runExclusive<T>(key: string, task: () => Promise<T>): Promise<T> {
  const limit = limits.get(key) ?? pLimit(1);
  limits.set(key, limit);
  try {
    return await limit(task);
  } finally {
    if (limit.activeCount === 0 && limit.pendingCount === 0) limits.delete(key);
  }
}
