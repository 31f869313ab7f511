import {
  compose,
  ContractError,
  encode,
  INLINE_PATCH_LIMIT_BYTES,
  SpawnTask,
  subjects,
  type Omission,
  type PatchFormat,
} from '#contracts';

/**
 * The largest SpawnTask, encoded. NATS takes 1 MiB by default (`max_payload`), headers included: what is left over is for the
 * fields that name a checkpoint.
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

/** The checkpoint that a resume has chosen, with a patch, a bundle, or both. */
export interface SpawnCheckpoint {
  number: number;
  attempt: number;
  message: string;
  /** HEAD when it was captured; null: its branch had no commit. */
  commitSha: string | null;
  /** Null: HEAD was detached. */
  branchName: string | null;
  baseCommitSha: string;
  treeSha: string;
  filesCount: number;
  omissions: Omission[];
  /** All of them, also those that `omissions` does not name. */
  omissionsCount: number;
  /** When it was chosen, by the database's clock. */
  ageSeconds: number;
  /** The readable diff. */
  patch: SpawnPatch | null;
  /** The git bundle. */
  bundle: SpawnPatch | null;
}

/** A stored patch of either format. */
export interface SpawnPatch {
  id: string;
  format: PatchFormat;
  sha256: string;
  sizeBytes: number;
  uncompressedSizeBytes: number;
  /** Its bytes; null when they are too many to ride along. */
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
 * it first. Of the checkpoint it always names what to restore; what else is known of it comes along while there is room. Patch
 * and bundle ride inline when they are there and fit; otherwise the agent reads them by their ids.
 *
 * @param resume null for a first spawn; `checkpoint` is null when none can be restored
 * @throws ContractError `FIELD_INVALID` when plan and conversation history together are too large for one message
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
  refuseTooLarge(message);
  return { subject, message: resume?.checkpoint ? withCheckpoint(message, resume.checkpoint) : message };
}

/** Only what the task itself says counts: a task that was spawned once is never refused for the sake of its checkpoint. */
function refuseTooLarge(message: SpawnTask): void {
  const sizeBytes = encode(message).length;
  if (sizeBytes <= MAX_SPAWN_TASK_BYTES) return;
  throw new ContractError(
    'FIELD_INVALID',
    `The task's plan and conversation history make a SpawnTask of ${sizeBytes} bytes; the limit is ${MAX_SPAWN_TASK_BYTES}. Shorten them, or put the plan into the repository.`,
    message.conversationHistory === undefined ? 'plan' : 'conversationHistory',
  );
}

function withCheckpoint(message: SpawnTask, checkpoint: SpawnCheckpoint): SpawnTask {
  const named = compose(SpawnTask, { ...message, ...checkpointFields(checkpoint) });
  let sizeBytes = encode(named).length;
  for (const extra of extrasOf(checkpoint)) {
    const extraBytes = encode(extra).length - 1; // its two braces go, a comma comes
    if (sizeBytes + extraBytes > MAX_SPAWN_TASK_BYTES) continue;
    Object.assign(named, extra);
    sizeBytes += extraBytes;
  }
  return named;
}

/** What a restore cannot do without. A few KB at most, for which {@link MAX_SPAWN_TASK_BYTES} leaves room. */
function checkpointFields(checkpoint: SpawnCheckpoint): Partial<SpawnTask> {
  const { patch, bundle } = checkpoint;
  return {
    checkpointNumber: checkpoint.number,
    checkpointAttempt: checkpoint.attempt,
    checkpointAgeSeconds: checkpoint.ageSeconds,
    checkpointCommitSha: checkpoint.commitSha ?? undefined,
    checkpointBranchName: checkpoint.branchName ?? undefined,
    omissionsCount: checkpoint.omissionsCount,
    patchBaseSha: checkpoint.baseCommitSha,
    patchTreeSha: checkpoint.treeSha,
    patchFilesCount: checkpoint.filesCount,
    ...(patch && {
      patchId: patch.id,
      patchFormat: patch.format,
      patchSha256: patch.sha256,
      patchSizeBytes: patch.sizeBytes,
      patchUncompressedSizeBytes: patch.uncompressedSizeBytes,
    }),
    ...(bundle && {
      bundleId: bundle.id,
      bundleSha256: bundle.sha256,
      bundleSizeBytes: bundle.sizeBytes,
    }),
  };
}

/** What comes along while there is room, the most useful first: bytes can be read later, words cannot. */
function extrasOf({ message, omissions, bundle, patch }: SpawnCheckpoint): Partial<SpawnTask>[] {
  return [
    { checkpointMessage: message },
    { omissions },
    ...(ridesInline(bundle) ? [{ bundleData: bundle.data.toString('base64') }] : []),
    ...(ridesInline(patch) ? [{ patchData: patch.data.toString('base64') }] : []),
  ];
}

function ridesInline(patch: SpawnPatch | null): patch is SpawnPatch & { data: Buffer } {
  return patch !== null && patch.data !== null && mayRideInline(patch.data.length);
}
