import { FINISHED_STATES } from './patch-columns.js';

/**
 * What a restore may still count on: a patch whose time is not over, or one of a task that is not finished,
 * whose newest the sweep spares. For a resume and for what people are shown of it, so that both name the
 * same.
 *
 * @param patch alias of checkpoint_patches
 * @param task alias of tasks
 */
export function stillKept(patch: string, task: string): string {
  return `(${patch}.expires_at > now() OR ${task}.state NOT IN ${FINISHED_STATES})`;
}
