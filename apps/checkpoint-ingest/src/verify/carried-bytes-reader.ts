import { Injectable } from '@nestjs/common';
import type { CheckpointCreated } from '#contracts';
import { BlobStore, type BlobReference } from '#messaging';

/** The bytes of a checkpoint; null for what it does not have. */
export interface CarriedBytes {
  /** Gzip-compressed diff. */
  patch: Buffer | null;
  /** Git bundle. */
  bundle: Buffer | null;
  /** Gzip-compressed newest bytes of the conversation's files. */
  conversation: Buffer | null;
}

/** A part of a checkpoint that is transported as a blob, because it is too large for the message. */
export interface CarriedBlobs {
  patch: BlobReference | null;
  bundle: BlobReference | null;
  conversation: BlobReference | null;
}

/** Pure: the blobs that the event names. */
export function blobsOf(event: CheckpointCreated): CarriedBlobs {
  const { daemonId } = event;
  return {
    patch:
      event.patchSha256 === undefined || event.patchData != null
        ? null
        : {
            daemonId,
            sha256: event.patchSha256,
            chunkCount: event.patchChunkCount!,
            sizeBytes: event.patchSizeBytes!,
          },
    bundle:
      event.bundleSha256 === undefined || event.bundleData != null
        ? null
        : {
            daemonId,
            sha256: event.bundleSha256,
            chunkCount: event.bundleChunkCount!,
            sizeBytes: event.bundleSizeBytes!,
          },
    conversation:
      event.conversationSha256 === undefined || event.conversationData != null
        ? null
        : {
            daemonId,
            sha256: event.conversationSha256,
            chunkCount: event.conversationChunkCount!,
            sizeBytes: event.conversationSizeBytes!,
          },
  };
}

/** Gathers the bytes of a checkpoint, from the message and the blob store. */
@Injectable()
export class CarriedBytesReader {
  constructor(private readonly blobs: BlobStore) {}

  /**
   * Holds the bytes in memory while `use` runs; waits while others hold too much (`BlobStore.useBlobs`).
   *
   * @returns what `use` returns
   * @throws as `BlobStore.getBlob`, and what `use` throws
   */
  async use<T>(event: CheckpointCreated, use: (bytes: CarriedBytes) => Promise<T>): Promise<T> {
    const { patch, bundle, conversation } = blobsOf(event);
    const inline = inlineBytes(event);
    const blobs = [patch, bundle, conversation].filter((blob) => blob !== null);
    return this.blobs.useBlobs(event.daemonId, blobs, (data) => {
      const bytesOf = (blob: BlobReference | null) => (blob ? data[blobs.indexOf(blob)]! : null);
      return use({
        patch: bytesOf(patch) ?? inline.patch,
        bundle: bytesOf(bundle) ?? inline.bundle,
        conversation: bytesOf(conversation) ?? inline.conversation,
      });
    });
  }

  /** Deletes the blobs of a stored checkpoint. Best effort: the stream drops what is left after a day. */
  discard(event: CheckpointCreated): void {
    const { patch, bundle, conversation } = blobsOf(event);
    for (const blob of [patch, bundle, conversation]) {
      if (blob) this.blobs.deleteBlob(blob.daemonId, blob.sha256).catch(() => {});
    }
  }
}

/** The bytes in the message. Its base64 was checked by `decode`. */
export function inlineBytes({ patchData, bundleData, conversationData }: CheckpointCreated): CarriedBytes {
  const bytes = (base64: string | undefined) => (base64 == null ? null : Buffer.from(base64, 'base64'));
  return { patch: bytes(patchData), bundle: bytes(bundleData), conversation: bytes(conversationData) };
}
