import type { EntityManager } from 'typeorm';
import { Task } from '../../entities/index.js';

/** The database's time of this transaction, as a value of {@link TaskChanges}. */
export const NOW = () => 'now()';

/** Of a time that is kept once it is set. */
export const FAILING_SINCE = () => 'coalesce(captures_failing_since, now())';

/** So long after {@link NOW}. */
export const inSeconds = (seconds: number) => () => `now() + make_interval(secs => ${Number(seconds)})`;

type ChangeableTime = 'spawnedAt' | 'startedAt' | 'endedAt' | 'resumeAt' | 'capturesFailingSince';

/** Columns to change; others stay as they are. Times are `NOW` or null: only the database's clock is used. */
export type TaskChanges = Partial<
  Pick<
    Task,
    | 'state'
    | 'attempt'
    | 'pool'
    | 'repoUrl'
    | 'requestedDaemonId'
    | 'daemonId'
    | 'exitCode'
    | 'stateReason'
    | 'worktreePath'
    | 'conversationHistory'
    | 'autoResume'
    | 'capturesFailingReason'
  > &
    Record<ChangeableTime, typeof NOW | null>
>;

/** Changes a task whose row the caller has locked, and dates the change. */
export async function updateTask(
  manager: EntityManager,
  taskId: string,
  changes: TaskChanges,
): Promise<void> {
  const { conversationHistory, ...others } = changes;
  await manager
    .createQueryBuilder()
    .update(Task)
    .set({
      ...(others as object),
      ...('conversationHistory' in changes && { conversationHistory: () => ':conversationHistory' }),
      updatedAt: NOW,
    })
    .where({ id: taskId })
    .setParameter('conversationHistory', conversationHistory)
    .execute();
}
