import type { EntityManager } from 'typeorm';
import { Task } from '../../entities/index.js';
import { recordAttempt } from '../attempts/record-attempt.js';

/**
 * A new task: its first attempt is being spawned. The id (UUIDv7) is chosen by the caller, so that creating
 * is idempotent.
 */
export type NewTask = Pick<Task, 'id' | 'name' | 'plan' | 'runner' | 'repoUrl' | 'pool'> &
  Partial<
    Pick<
      Task,
      | 'baseBranch'
      | 'targetBranch'
      | 'unattended'
      | 'setup'
      | 'owner'
      | 'isSupervisor'
      | 'requestedDaemonId'
      | 'daemonId'
      | 'state'
      | 'attempt'
      | 'conversationHistory'
      | 'autoResume'
      | 'lastCheckpointNumber'
      | 'forkedFromTaskId'
      | 'forkedFromCheckpointNumber'
    >
  >;

/** Inserts a task and its first attempt. Returns false, and changes nothing, if there is one with that id. */
export async function insertTask(manager: EntityManager, task: NewTask): Promise<boolean> {
  const { conversationHistory = null, ...columns } = task;
  const { raw } = await manager
    .createQueryBuilder()
    .insert()
    .into(Task)
    .values({ ...columns, conversationHistory: () => ':conversationHistory' })
    .setParameter('conversationHistory', conversationHistory)
    .orIgnore()
    .returning('id')
    .updateEntity(false)
    .execute();
  const isNew = (raw as unknown[]).length > 0;
  if (isNew) await recordAttempt(manager, task.id, 'request');
  return isNew;
}
