import { v7 as uuidv7 } from 'uuid';
import {
  CheckpointCreated,
  CHUNK_SIZE_BYTES,
  compose,
  INLINE_PATCH_LIMIT_BYTES,
  MAX_OMISSIONS,
  type CheckpointKind,
} from '#contracts';
import type { Capture } from '#git';
import type { SpoolEntry } from './spool-entry.js';

type Captured = Extract<Capture, { outcome: 'captured' }>;

/** Which checkpoint of which attempt, and why it was made. */
export interface CheckpointHead {
  daemonId: string;
  taskId: string;
  attempt: number;
  sequence: number;
  kind: CheckpointKind;
  message: string;
  capturedAt: Date;
}

/** Pure: a capture as the message that tells of it, and the patch that goes with it. */
export function composeCheckpoint(
  head: CheckpointHead,
  capture: Captured,
  patchTtlHours: number,
): SpoolEntry {
  const { patch } = capture;
  const event = compose(CheckpointCreated, {
    ...headFields(head),
    success: true,
    commitSha: capture.headSha ?? undefined,
    branchName: capture.branchName ?? undefined,
    treeSha: capture.treeSha,
    baseReachable: capture.baseReachable,
    filesChanged: capture.filesChanged,
    linesAdded: capture.linesAdded,
    linesRemoved: capture.linesRemoved,
    omissions: capture.omissions.slice(0, MAX_OMISSIONS).map(({ path, reason }) => ({ path, reason })),
    omissionsCount: capture.omissionsCount,
    patchAbsentReason: capture.patchAbsentReason ?? undefined,
    ...(patch && {
      patchFormat: patch.format,
      patchBaseSha: capture.baseSha,
      patchSha256: patch.sha256,
      patchSizeBytes: patch.sizeBytes,
      patchUncompressedSizeBytes: patch.uncompressedSizeBytes,
      patchFilesCount: patch.filesCount,
      patchTtlHours,
      patchChunkCount: ridesInline(patch.sizeBytes)
        ? undefined
        : Math.ceil(patch.sizeBytes / CHUNK_SIZE_BYTES),
      patchData: ridesInline(patch.sizeBytes) ? patch.data.toString('base64') : undefined,
    }),
  });
  // An inline patch is spooled with its event; only one that travels as a blob is kept beside it.
  return { event, patch: patch && !ridesInline(patch.sizeBytes) ? patch.data : null };
}

/** Pure: the answer to a request for a checkpoint that could not be made. */
export function composeFailedCheckpoint(head: CheckpointHead, error: string): SpoolEntry {
  const event = compose(CheckpointCreated, {
    ...headFields(head),
    success: false,
    error: error.slice(0, 8000),
  });
  return { event, patch: null };
}

function headFields(head: CheckpointHead) {
  return {
    eventId: uuidv7(),
    daemonId: head.daemonId,
    taskId: head.taskId,
    attempt: head.attempt,
    sequence: head.sequence,
    kind: head.kind,
    message: head.message.slice(0, 8000),
    capturedAt: head.capturedAt.toISOString(),
  };
}

function ridesInline(sizeBytes: number): boolean {
  return sizeBytes <= INLINE_PATCH_LIMIT_BYTES;
}
