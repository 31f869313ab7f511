import {
  compose,
  CheckpointToRestore,
  type Conversation,
  encode,
  INLINE_PATCH_LIMIT_BYTES,
  type Modes,
  type Omission,
  type PatchFormat,
} from '#contracts';

/** The checkpoint that a resume has chosen, with a patch, a bundle, or both. */
export interface SpawnCheckpoint {
  number: number;
  attempt: number;
  message: string;
  /** HEAD when it was captured; null: its branch had no commits. */
  commitSha: string | null;
  /** Null: HEAD was detached. */
  branchName: string | null;
  baseCommitSha: string;
  treeSha: string;
  filesCount: number;
  /** Null: as a checkout makes them. */
  modes: Modes | null;
  omissions: Omission[];
  /** The number of all of them, including those that `omissions` does not list. */
  omissionsCount: number;
  /** Null: it came without one. */
  conversation: Conversation | null;
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
  /** Its bytes; null if they are too many for the message. */
  data: Buffer | null;
}

/** True for a patch whose bytes are worth reading before {@link checkpointToRestore}. */
export function mayRideInline(sizeBytes: number): boolean {
  return sizeBytes <= INLINE_PATCH_LIMIT_BYTES;
}

/**
 * The fields of a message about the checkpoint to restore: always what a restore requires, and other details
 * if there is space. Patch and bundle can be read later by their ids.
 */
export function checkpointToRestore(checkpoint: SpawnCheckpoint, roomBytes: number): CheckpointToRestore {
  const fields = requiredFields(checkpoint);
  let leftBytes = roomBytes - encode(fields).length;
  for (const extra of extrasOf(checkpoint)) {
    const extraBytes = encode(extra).length - 1; // minus its two braces, plus a comma
    if (extraBytes > leftBytes) continue;
    Object.assign(fields, extra);
    leftBytes -= extraBytes;
  }
  return compose(CheckpointToRestore, fields);
}

/** What a restore requires: a few KB, and up to 32 KiB of modes, for which every message has space. */
function requiredFields(checkpoint: SpawnCheckpoint): CheckpointToRestore {
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
    modes: checkpoint.modes ?? undefined,
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

/** What is included if there is space, the most useful first: bytes can be read later, texts cannot. */
function extrasOf({
  message,
  omissions,
  bundle,
  patch,
  conversation,
}: SpawnCheckpoint): CheckpointToRestore[] {
  return [
    ...(conversation ? [{ conversation }] : []),
    { checkpointMessage: message },
    { omissions },
    ...(ridesInline(bundle) ? [{ bundleData: bundle.data.toString('base64') }] : []),
    ...(ridesInline(patch) ? [{ patchData: patch.data.toString('base64') }] : []),
  ];
}

function ridesInline(patch: SpawnPatch | null): patch is SpawnPatch & { data: Buffer } {
  return patch !== null && patch.data !== null && mayRideInline(patch.data.length);
}
