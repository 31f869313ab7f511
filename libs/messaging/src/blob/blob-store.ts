import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CHUNK_SIZE_BYTES, ContractError, MAX_PATCH_SIZE_BYTES, subjects } from '#contracts';
import { NatsClient } from '../connection/nats-client.js';
import { JetStreamPublisher } from '../publish/jetstream.publisher.js';
import { unlessMissing } from '../topology/missing.js';
import { STREAMS } from '../topology/streams.js';
import { BlobMissingError } from './blob-missing-error.js';
import { ByteBudget } from './byte-budget.js';

/** Where a blob is and what it must be. */
export interface BlobReference {
  readonly daemonId: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  readonly chunkCount: number;
  readonly sizeBytes: number;
}

/**
 * What one process holds of blobs for its handlers at once, however many of them run: eight of the largest.
 */
const BYTES_IN_MEMORY = 8 * MAX_PATCH_SIZE_BYTES;

/** What of that one daemon may have: half, so that another's can always be read. */
const BYTES_OF_ONE_DAEMON = BYTES_IN_MEMORY / 2;

/**
 * Bytes too large for one message, in chunks of 512 KiB in the BLOBS stream, addressed by daemon and SHA-256.
 */
@Injectable()
export class BlobStore {
  private readonly memory = new ByteBudget(BYTES_IN_MEMORY, BYTES_OF_ONE_DAEMON);

  constructor(
    private readonly nats: NatsClient,
    private readonly publisher: JetStreamPublisher,
  ) {}

  /**
   * Stores a blob. May run again, also after it failed half-way: chunks that are there are not sent again,
   * where this process may ask which are.
   *
   * @param sha256 of `data`, 64 lower-case hex digits
   * @returns the number of chunks
   * @throws PublishError
   */
  async putBlob(daemonId: string, sha256: string, data: Buffer): Promise<number> {
    const chunkCount = Math.ceil(data.length / CHUNK_SIZE_BYTES);
    const mayAsk = this.nats.isConnected() && !this.nats.isConfined;
    const present = mayAsk ? await this.presentChunks(daemonId, sha256) : new Set();
    for (let index = 0; index < chunkCount; index++) {
      const subject = subjects.blobChunk(daemonId, sha256, index);
      if (present.has(subject)) continue;
      const start = index * CHUNK_SIZE_BYTES;
      await this.publisher.publish(subject, data.subarray(start, start + CHUNK_SIZE_BYTES));
    }
    return chunkCount;
  }

  /**
   * Reads blobs, checks them, and holds them in memory while `use` runs: all calls together hold no more than
   * eight of the largest, those of one daemon no more than half of it; the others wait. Ask for all that
   * `use` needs at once.
   *
   * @returns what `use` returns
   * @throws as {@link getBlob}, and what `use` throws
   */
  async useBlobs<T>(
    daemonId: string,
    blobs: readonly BlobReference[],
    use: (data: Buffer[]) => Promise<T>,
  ): Promise<T> {
    for (const { sha256, chunkCount, sizeBytes } of blobs)
      refuseImpossibleSize(sha256, chunkCount, sizeBytes);
    const sizeBytes = blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0);
    return this.memory.hold(daemonId, sizeBytes, async () => {
      const data: Buffer[] = [];
      for (const blob of blobs) data.push(await this.getBlob(blob));
      return use(data);
    });
  }

  /**
   * Reads a blob and checks it. Holds one copy of it in memory, and never more than `sizeBytes`.
   *
   * @throws BlobMissingError when a chunk is not there; the client's error when NATS cannot be asked
   * @throws ContractError `SIZE_MISMATCH`, `DIGEST_MISMATCH`, or `PATCH_TOO_LARGE` for more than any patch
   *   may have
   */
  async getBlob({ daemonId, sha256, chunkCount, sizeBytes }: BlobReference): Promise<Buffer> {
    refuseImpossibleSize(sha256, chunkCount, sizeBytes);
    const manager = await this.nats.jetStreamManager();
    const blob = Buffer.alloc(sizeBytes);
    let filledBytes = 0;
    for (let index = 0; index < chunkCount; index++) {
      const chunk = await unlessMissing(
        manager.direct.getMessage(STREAMS.blobs.name, {
          last_by_subj: subjects.blobChunk(daemonId, sha256, index),
        }),
      );
      if (!chunk) throw new BlobMissingError(daemonId, sha256, index, chunkCount);
      if (filledBytes + chunk.data.length > sizeBytes) throw sizeMismatch(sha256, sizeBytes, 'more');
      blob.set(chunk.data, filledBytes);
      filledBytes += chunk.data.length;
    }
    if (filledBytes < sizeBytes) throw sizeMismatch(sha256, sizeBytes, `${filledBytes}`);
    refuseOtherDigest(sha256, blob);
    return blob;
  }

  /** Forgets a blob. What is not there is forgotten already. */
  async deleteBlob(daemonId: string, sha256: string): Promise<void> {
    const manager = await this.nats.jetStreamManager();
    const filter = subjects.blobChunks(daemonId, sha256);
    await unlessMissing(manager.streams.purge(STREAMS.blobs.name, { filter }));
  }

  private async presentChunks(daemonId: string, sha256: string): Promise<ReadonlySet<string>> {
    try {
      const manager = await this.nats.jetStreamManager();
      const { state } = await manager.streams.info(STREAMS.blobs.name, {
        subjects_filter: subjects.blobChunks(daemonId, sha256),
      });
      return new Set(Object.keys(state.subjects ?? {}));
    } catch {
      return new Set(); // only saves sending them again; when NATS is unreachable, the publisher reports it
    }
  }
}

function refuseImpossibleSize(sha256: string, chunkCount: number, sizeBytes: number): void {
  if (sizeBytes > MAX_PATCH_SIZE_BYTES) {
    throw new ContractError(
      'PATCH_TOO_LARGE',
      `Blob ${sha256} is said to have ${sizeBytes} bytes; ${MAX_PATCH_SIZE_BYTES} are the limit.`,
    );
  }
  if (chunkCount !== Math.ceil(sizeBytes / CHUNK_SIZE_BYTES)) {
    throw new ContractError(
      'SIZE_MISMATCH',
      `Blob ${sha256} is said to have ${sizeBytes} bytes in ${chunkCount} chunks; chunks have ${CHUNK_SIZE_BYTES} bytes.`,
    );
  }
}

function sizeMismatch(sha256: string, sizeBytes: number, found: string): ContractError {
  return new ContractError('SIZE_MISMATCH', `Blob ${sha256} has ${found} bytes, not ${sizeBytes}.`);
}

function refuseOtherDigest(sha256: string, blob: Buffer): void {
  const actual = createHash('sha256').update(blob).digest('hex');
  if (actual === sha256) return;
  throw new ContractError('DIGEST_MISMATCH', `The chunks of blob ${sha256} have the SHA-256 ${actual}.`);
}
