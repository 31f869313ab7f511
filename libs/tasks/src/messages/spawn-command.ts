import { compose, ContractError, encode, SpawnTask, subjects } from '#contracts';
import { checkpointToRestore, type SpawnCheckpoint } from './checkpoint-to-restore.js';

/**
 * The largest SpawnTask, encoded. NATS takes 1 MiB by default (`max_payload`), headers included: what is left
 * over is for the fields that name a checkpoint.
 */
export const MAX_SPAWN_TASK_BYTES = 1_000_000;

/** What a task tells its agent. */
export interface SpawnableTask {
  id: string;
  attempt: number;
  name: string;
  plan: string;
  runner: string;
  repoUrl: string;
  baseBranch: string | null;
  targetBranch: string | null;
  isSupervisor: boolean;
  conversationHistory: unknown;
  pool: string;
  requestedDaemonId: string | null;
}

export interface SpawnCommand {
  subject: string;
  message: SpawnTask;
}

/**
 * The SpawnTask of the task's current attempt, and where it goes: to the requested daemon, or to whichever of
 * the pool pulls it first. Of the checkpoint it always names what to restore; what else is known of it comes
 * along while there is room. Patch and bundle ride inline when they are there and fit; otherwise the agent
 * reads them by their ids.
 *
 * @param resume null for a first spawn; `checkpoint` is null when none can be restored
 * @throws ContractError `FIELD_INVALID` when plan and conversation history together are too large for one
 *   message
 */
export function spawnCommand(
  eventId: string,
  task: SpawnableTask,
  resume: { checkpoint: SpawnCheckpoint | null } | null,
): SpawnCommand {
  const subject =
    task.requestedDaemonId === null
      ? subjects.poolSpawnTask(task.pool)
      : subjects.daemonCommand(task.requestedDaemonId, 'spawn-task');
  const message = compose(SpawnTask, {
    eventId,
    taskId: task.id,
    attempt: task.attempt,
    taskName: task.name,
    plan: task.plan,
    runner: task.runner,
    repoUrl: task.repoUrl,
    baseBranch: task.baseBranch ?? undefined,
    targetBranch: task.targetBranch ?? undefined,
    isSupervisor: task.isSupervisor,
    conversationHistory: task.conversationHistory ?? undefined,
    resumeSession: resume !== null,
  });
  const sizeBytes = encode(message).length;
  refuseTooLarge(message, sizeBytes);
  if (!resume?.checkpoint) return { subject, message };
  const fields = checkpointToRestore(resume.checkpoint, MAX_SPAWN_TASK_BYTES - sizeBytes);
  return { subject, message: compose(SpawnTask, { ...message, ...fields }) };
}

/**
 * Only what the task itself says counts: a task that was spawned once is never refused for the sake of its
 * checkpoint.
 */
function refuseTooLarge(message: SpawnTask, sizeBytes: number): void {
  if (sizeBytes <= MAX_SPAWN_TASK_BYTES) return;
  throw new ContractError(
    'FIELD_INVALID',
    `The task's plan and conversation history make a SpawnTask of ${sizeBytes} bytes; the limit is ${MAX_SPAWN_TASK_BYTES}. Shorten them, or put the plan into the repository.`,
    message.conversationHistory === undefined ? 'plan' : 'conversationHistory',
  );
}
