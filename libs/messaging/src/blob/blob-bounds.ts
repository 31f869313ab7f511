import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { Counter } from 'prom-client';
import { subjectIdentity, streamSubjects, subjects } from '#contracts';
import { NatsClient } from '../connection/nats-client.js';
import { STREAMS } from '../topology/streams.js';

const CHECK_MILLISECONDS = 1000;

/** With a server's default `max_payload` of 1 MiB, no more than half of the stream. */
const MOST_CHUNKS_OF_ONE_DAEMON = 512;

/** Below this share of the stream everything stays. */
const FULL_FROM = 1 / 2;

const droppedChunksTotal = new Counter({
  name: 'patchpoint_blob_chunks_dropped_total',
  help: 'Chunks that were removed from BLOBS because their daemon had too many there',
});

/**
 * Keeps one daemon from filling BLOBS for the others: while the stream is more than half full, daemons with
 * very many chunks lose their oldest. Their spools have them, and send them again when they are asked for.
 * Any number of processes may do it.
 */
@Injectable()
export class BlobBounds implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(BlobBounds.name);
  private timer: NodeJS.Timeout | undefined;
  private isChecking = false;

  constructor(private readonly nats: NatsClient) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.check(), CHECK_MILLISECONDS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async check(): Promise<void> {
    if (this.isChecking || !this.nats.isConnected()) return;
    this.isChecking = true;
    try {
      const dropped = await trimBlobs(await this.nats.jetStreamManager());
      droppedChunksTotal.inc(dropped);
      if (dropped > 0) this.logger.warn({ msg: 'BLOBS is filling up; oldest chunks were removed', dropped });
    } catch (error) {
      this.logger.debug({ msg: 'BLOBS could not be checked', err: error });
    } finally {
      this.isChecking = false;
    }
  }
}

/**
 * Removes the oldest chunks of daemons that have too many, if the stream is that full.
 *
 * @returns how many
 */
export async function trimBlobs(
  manager: JetStreamManager,
  { mostChunks = MOST_CHUNKS_OF_ONE_DAEMON, fullFrom = FULL_FROM } = {},
): Promise<number> {
  const { name } = STREAMS.blobs;
  const { state, config } = await manager.streams.info(name);
  if (state.bytes <= config.max_bytes * fullFrom) return 0;
  const all = await manager.streams.info(name, { subjects_filter: streamSubjects.blobs });
  let dropped = 0;
  for (const [daemonId, chunks] of chunksByDaemon(all.state.subjects ?? {})) {
    if (chunks <= mostChunks) continue;
    const filter = subjects.blobsOf(daemonId);
    dropped += (await manager.streams.purge(name, { filter, keep: mostChunks })).purged;
  }
  return dropped;
}

function chunksByDaemon(counts: Record<string, number>): Map<string, number> {
  const chunks = new Map<string, number>();
  for (const [subject, count] of Object.entries(counts)) {
    const { daemonId } = subjectIdentity(subject);
    chunks.set(daemonId, (chunks.get(daemonId) ?? 0) + count);
  }
  return chunks;
}
