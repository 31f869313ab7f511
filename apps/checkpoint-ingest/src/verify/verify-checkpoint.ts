import { createHash } from 'node:crypto';
import { ContractError, verifyPatch, type CheckpointCreated } from '#contracts';
import type { CarriedBytes } from './carried-bytes-reader.js';
import { verifyBundle } from './verify-bundle.js';
import { verifyConversation, type ConversationTail } from './verify-conversation.js';

/** A patch whose bytes match the message. */
export interface VerifiedPatch {
  data: Buffer;
  uncompressedSizeBytes: number;
}

/**
 * A checkpoint that may be recorded. With neither patch nor bundle it is a record that cannot be restored.
 */
export interface VerifiedCheckpoint {
  event: CheckpointCreated;
  /** Null: it has none, for `event.patchAbsentReason`. */
  patch: VerifiedPatch | null;
  bundle: Buffer | null;
  /** What it carries of each file of its conversation; null: it has none. */
  conversation: ConversationTail[] | null;
  /** Digest of what the event says. */
  contentSha256: string;
}

/**
 * Proves that the bytes are the patch, the bundle and the conversation that the event describes: sizes,
 * digests, whole gzip, bundle signature.
 *
 * @param bytes from the message or the blob store
 * @throws ContractError `PATCH_TOO_LARGE`, `SIZE_MISMATCH`, `DIGEST_MISMATCH`, `NOT_GZIP`, `GZIP_CORRUPT`,
 *   `PATCH_INVALID`; `FIELD_INVALID` for a patch whose format is not a diff
 */
export async function verifyCheckpoint(
  event: CheckpointCreated,
  { patch, bundle, conversation }: CarriedBytes,
): Promise<VerifiedCheckpoint> {
  if (bundle) verifyBundle(bundle, { sha256: event.bundleSha256, sizeBytes: event.bundleSizeBytes });
  return {
    event,
    patch: patch && (await verifyDiff(event, patch)),
    bundle,
    conversation: conversation && (await verifyConversation(event, conversation)),
    contentSha256: contentDigest(event),
  };
}

async function verifyDiff(event: CheckpointCreated, data: Buffer): Promise<VerifiedPatch> {
  if (event.patchFormat !== 'git-diff') {
    throw new ContractError(
      'FIELD_INVALID',
      `The patch of a checkpoint is a git-diff, not a ${event.patchFormat}. Send a bundle in the fields bundle*.`,
      'patchFormat',
    );
  }
  const { uncompressedSizeBytes } = await verifyPatch(data, {
    sha256: event.patchSha256,
    sizeBytes: event.patchSizeBytes,
    uncompressedSizeBytes: event.patchUncompressedSizeBytes,
  });
  return { data, uncompressedSizeBytes };
}

/**
 * What makes two messages the same event: who captured what, and its place in the order. How patch and bundle
 * are transported is left out, and so are fields that a newer agent may add when it sends an event of its
 * predecessor again.
 */
export function contentDigest(event: CheckpointCreated): string {
  const identity = [
    event.taskId,
    event.daemonId,
    event.attempt,
    event.sequence,
    event.kind,
    event.message,
    event.treeSha,
    event.commitSha ?? null,
    event.branchName ?? null,
    event.patchBaseSha ?? null,
    event.patchSha256 ?? null,
    event.bundleSha256 ?? null,
    // Not as null: the digests of events without a conversation are those that older versions stored.
    ...(event.conversationSha256 === undefined ? [] : [event.conversationSha256]),
  ];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
