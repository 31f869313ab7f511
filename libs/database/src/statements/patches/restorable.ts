import { FINISHED_STATES } from './patch-columns.js';

/*
 * What can be restored of a task `t` (an alias of tasks): for a resume, for what people see of it, and for
 * the sweep, which keeps it.
 */

/**
 * Condition: a restore may rely on the patch, because it has not expired, or because its task is not finished
 * and the sweep keeps its newest.
 *
 * @param patch alias of checkpoint_patches
 */
export function isReadable(patch: string): string {
  return `(${patch}.expires_at > now() OR t.state NOT IN ${FINISHED_STATES})`;
}

/**
 * Subquery with `t` from outside: the id and number of the checkpoint that a resume restores; no row if
 * nothing can be restored. It is the newest checkpoint that is not superseded and has a readable patch or
 * bundle.
 *
 * It walks idx_task_checkpoints_latest from its newest end: a task with thousands of checkpoints costs as
 * little as one with two (0.1 ms), unless thousands of its newest cannot be restored: 10,000 take 2 ms when
 * they have no patch, 22 ms when their patches have expired but are not deleted yet (Postgres 18).
 *
 * @param condition an additional condition on the checkpoint `c`
 */
export function newestRestorable(condition = 'true'): string {
  return `
    SELECT c.id, c.number
      FROM task_checkpoints c
     WHERE c.task_id = t.id AND NOT c.superseded AND ${condition}
       AND coalesce(c.patch_id, c.bundle_id) IS NOT NULL -- spares the look-up of what has no patch
       AND EXISTS (
         SELECT FROM checkpoint_patches p WHERE p.id IN (c.patch_id, c.bundle_id) AND ${isReadable('p')})
     ORDER BY c.attempt DESC, c.sequence DESC, c.number DESC
     LIMIT 1`;
}

/**
 * Subquery with `t` from outside: the id of the newest patch that belongs to no checkpoint. It can be read if
 * no checkpoint can be restored; a resume never picks it.
 */
export const NEWEST_LONE_PATCH = `
    SELECT p.id
      FROM checkpoint_patches p
     WHERE p.task_id = t.id AND p.checkpoint_id IS NULL AND ${isReadable('p')}
     ORDER BY p.created_at DESC, p.id DESC
     LIMIT 1`;
