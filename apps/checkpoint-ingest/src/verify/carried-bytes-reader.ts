import { Injectable } from '@nestjs/common';
import type { CheckpointCreated } from '#contracts';
import { BlobStore, type BlobReference } from '#messaging';

/** The bytes of a checkpoint; null for what it does not have. */
export interface CarriedBytes {
  /** Gzip-compressed diff. */
  patch: Buffer | null;
  /** Git bundle. */
  bundle: Buffer | null;
}

/** A part of a checkpoint that is transported as a blob, because it is too large for the message. */
export interface CarriedBlobs {
  patch: BlobReference | null;
  bundle: BlobReference | null;
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
    const { patch, bundle } = blobsOf(event);
    const inline = inlineBytes(event);
    const blobs = [patch, bundle].filter((blob) => blob !== null);
    return this.blobs.useBlobs(blobs, (data) =>
      use({
        patch: patch ? data[0]! : inline.patch,
        bundle: bundle ? data.at(-1)! : inline.bundle,
      }),
    );
  }

  /** Deletes the blobs of a stored checkpoint. Best effort: the stream drops what is left after a day. */
  discard(event: CheckpointCreated): void {
    const { patch, bundle } = blobsOf(event);
    for (const blob of [patch, bundle]) {
      if (blob) this.blobs.deleteBlob(blob.daemonId, blob.sha256).catch(() => {});
    }
  }
}

/** The bytes in the message. Its base64 was checked by `decode`. */
export function inlineBytes({ patchData, bundleData }: CheckpointCreated): CarriedBytes {
  return {
    patch: patchData == null ? null : Buffer.from(patchData, 'base64'),
    bundle: bundleData == null ? null : Buffer.from(bundleData, 'base64'),
  };
}
