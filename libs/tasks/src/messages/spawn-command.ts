import { compose, ContractError, encode, JsonText, SpawnTask, subjects, type Unattended } from '#contracts';
import { forkedFrom } from './forked-from.js';
import { checkpointToRestore, type SpawnCheckpoint } from './checkpoint-to-restore.js';

/**
 * The largest SpawnTask, encoded. NATS takes 1 MiB by default (`max_payload`), headers included: the rest is
 * for the fields that name a checkpoint.
 */
export const MAX_SPAWN_TASK_BYTES = 1_000_000;

/** What an agent gets from its task. */
export interface SpawnableTask {
  id: string;
  attempt: number;
  name: string;
  plan: string;
  runner: string;
  unattended: Unattended | null;
  repoUrl: string;
  baseBranch: string | null;
  targetBranch: string | null;
  setup: string | null;
  isSupervisor: boolean;
  /** The text of a JSON value. */
  conversationHistory: string | null;
  pool: string;
  requestedDaemonId: string | null;
  forkedFromTaskId: string | null;
  forkedFromCheckpointNumber: number | null;
}

export interface SpawnCommand {
  subject: string;
  message: SpawnTask;
}

/**
 * The SpawnTask of the task's current attempt, and where it goes: to the requested daemon, or to the first of
 * the pool that pulls it. It always names the checkpoint to restore; other details of the checkpoint are
 * included if there is space. Patch and bundle are inline if they are at hand and fit; otherwise the agent
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
    unattended: task.unattended ?? undefined,
    repoUrl: task.repoUrl,
    baseBranch: task.baseBranch ?? undefined,
    targetBranch: task.targetBranch ?? undefined,
    setup: task.setup ?? undefined,
    isSupervisor: task.isSupervisor,
    conversationHistory:
      task.conversationHistory === null ? undefined : new JsonText(task.conversationHistory),
    resumeSession: resume !== null,
    forkedFrom: forkedFrom(task) ?? undefined,
  });
  const sizeBytes = encode(message).length;
  refuseTooLarge(message, sizeBytes);
  if (!resume?.checkpoint) return { subject, message };
  const fields = checkpointToRestore(resume.checkpoint, MAX_SPAWN_TASK_BYTES - sizeBytes);
  return { subject, message: compose(SpawnTask, { ...message, ...fields }) };
}

/**
 * Only the task's own fields are limited: a task that was spawned once is never refused because of its
 * checkpoint.
 */
function refuseTooLarge(message: SpawnTask, sizeBytes: number): void {
  if (sizeBytes <= MAX_SPAWN_TASK_BYTES) return;
  throw new ContractError(
    'FIELD_INVALID',
    `The task's plan and conversation history make a SpawnTask of ${sizeBytes} bytes; the limit is ${MAX_SPAWN_TASK_BYTES}. Shorten them, or move the plan into the repository.`,
    message.conversationHistory === undefined ? 'plan' : 'conversationHistory',
  );
}
