import { hasPatchOrBundle, type CheckpointCreated, type CheckpointKind } from '#contracts';

/** Digests of what is stored of a checkpoint, or should be; undefined for a part that it does not have. */
export interface StoredDigests {
  patchSha256: string | undefined;
  bundleSha256: string | undefined;
  conversationSha256?: string | undefined;
}

/** What the spool knows of an entry without reading its patch again. */
export interface SpooledCheckpoint extends StoredDigests {
  eventId: string;
  taskId: string;
  attempt: number;
  /** Its place among the checkpoints of its attempt. */
  sequence: number;
  kind: CheckpointKind;
  /** False: it only reports that a capture failed. */
  isCapture: boolean;
  /** The worktree can be made from it alone, on any machine. */
  isSelfContained: boolean;
  /** Of its file. */
  sizeBytes: number;
  /** By this machine's clock. */
  capturedAt: Date;
}

/** Pure: an entry without its bytes. */
export function describeSpooled(event: CheckpointCreated, sizeBytes: number): SpooledCheckpoint {
  const { eventId, taskId, attempt, sequence, kind, patchSha256, bundleSha256, conversationSha256 } = event;
  return {
    eventId,
    taskId,
    attempt,
    sequence,
    kind,
    isCapture: event.success,
    isSelfContained: hasPatchOrBundle(event) && event.baseReachable !== false,
    sizeBytes,
    capturedAt: new Date(event.capturedAt),
    patchSha256,
    bundleSha256,
    conversationSha256,
  };
}
