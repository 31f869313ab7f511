import {
  compose,
  ContractError,
  encode,
  INLINE_PATCH_LIMIT_BYTES,
  SpawnTask,
  subjects,
  type PatchFormat,
} from '#contracts';

/**
 * The largest SpawnTask, encoded. NATS takes 1 MiB by default (`max_payload`), headers included.
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

/** The patch that a resume has chosen. */
export interface SpawnPatch {
  id: string;
  checkpointNumber: number;
  checkpointAttempt: number;
  format: PatchFormat;
  baseCommitSha: string;
  treeSha: string;
  sha256: string;
  sizeBytes: number;
  uncompressedSizeBytes: number;
  filesCount: number;
  /** Of the checkpoint, when it was chosen, by the database's clock. */
  ageSeconds: number;
  /** The compressed bytes; null when they are too many to ride along. */
  data: Buffer | null;
}

export interface SpawnCommand {
  subject: string;
  message: SpawnTask;
}

/** True for a patch whose bytes are worth reading before {@link spawnCommand}. */
export function mayRideInline(sizeBytes: number): boolean {
  return sizeBytes <= INLINE_PATCH_LIMIT_BYTES;
}

/**
 * The SpawnTask of the task's current attempt, and where it goes: to the requested daemon, or to whichever of the pool pulls
 * it first. A patch rides inline when it is there and fits; otherwise the agent reads it by `patchId`.
 *
 * @param resume null for a first spawn; `patch` is null when no checkpoint can be restored
 * @throws ContractError `FIELD_INVALID` when plan and conversation history together are too large for one message
 */
export function spawnCommand(
  eventId: string,
  task: SpawnableTask,
  resume: { patch: SpawnPatch | null } | null,
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
    ...(resume?.patch && patchFields(resume.patch)),
  });
  const sizeBytes = encode(message).length;
  if (sizeBytes > MAX_SPAWN_TASK_BYTES) {
    throw new ContractError(
      'FIELD_INVALID',
      `The task's plan and conversation history make a SpawnTask of ${sizeBytes} bytes; the limit is ${MAX_SPAWN_TASK_BYTES}. Shorten them, or put the plan into the repository.`,
      task.conversationHistory === null || task.conversationHistory === undefined
        ? 'plan'
        : 'conversationHistory',
    );
  }
  return { subject, message: withPatchData(message, sizeBytes, resume?.patch?.data ?? null) };
}

function patchFields(patch: SpawnPatch): Partial<SpawnTask> {
  return {
    checkpointNumber: patch.checkpointNumber,
    checkpointAttempt: patch.checkpointAttempt,
    checkpointAgeSeconds: patch.ageSeconds,
    patchId: patch.id,
    patchFormat: patch.format,
    patchBaseSha: patch.baseCommitSha,
    patchTreeSha: patch.treeSha,
    patchSha256: patch.sha256,
    patchSizeBytes: patch.sizeBytes,
    patchUncompressedSizeBytes: patch.uncompressedSizeBytes,
    patchFilesCount: patch.filesCount,
  };
}

function withPatchData(message: SpawnTask, sizeBytes: number, data: Buffer | null): SpawnTask {
  if (data === null || !mayRideInline(data.length)) return message;
  const patchData = data.toString('base64');
  const wholeSizeBytes = sizeBytes + ',"patchData":""'.length + patchData.length;
  if (wholeSizeBytes > MAX_SPAWN_TASK_BYTES) return message;
  return Object.assign(message, { patchData });
}
