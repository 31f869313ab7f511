import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointCreated, CHUNK_SIZE_BYTES, compose, INLINE_PATCH_LIMIT_BYTES } from '#contracts';
import { connectHandlers } from '#messaging';
import { IngestModule } from '../src/ingest.module.js';

/* Fixtures for the specs of this app. */

type Fields = Omit<CheckpointCreated, 'schemaVersion'>;

/** A valid CheckpointCreated; `patch` is packed into it, and replaces the fields about patches. */
export function aCheckpoint(
  fields: Partial<Fields> & { taskId: string },
  patch: Buffer | null = gzipSync(`diff of ${fields.taskId} ${fields.sequence ?? 1}\n`),
): CheckpointCreated {
  return compose(CheckpointCreated, {
    eventId: uuidv7(),
    daemonId: 'daemon-1',
    attempt: 1,
    sequence: 1,
    kind: 'heartbeat',
    success: true,
    capturedAt: new Date().toISOString(),
    message: 'a checkpoint',
    commitSha: 'c'.repeat(40),
    branchName: 'main',
    treeSha: 'e'.repeat(40),
    baseReachable: true,
    filesChanged: 2,
    linesAdded: 10,
    linesRemoved: 4,
    ...(patch && patchFields(patch)),
    ...fields,
  });
}

export function patchFields(patch: Buffer, uncompressedSizeBytes?: number): Partial<Fields> {
  const isInline = patch.length <= INLINE_PATCH_LIMIT_BYTES;
  return {
    patchData: isInline ? patch.toString('base64') : undefined,
    patchChunkCount: isInline ? undefined : Math.ceil(patch.length / CHUNK_SIZE_BYTES),
    patchFormat: 'git-diff',
    patchBaseSha: 'b'.repeat(40),
    patchSha256: createHash('sha256').update(patch).digest('hex'),
    patchSizeBytes: patch.length,
    patchUncompressedSizeBytes: uncompressedSizeBytes ?? unpackedSize(patch),
    patchFilesCount: 2,
    patchTtlHours: 168,
  };
}

/** Bytes that begin like a bundle; ingest does not look further. */
export function aBundle(sizeBytes = 100): Buffer {
  return Buffer.concat([Buffer.from('# v2 git bundle\n'), randomBytes(sizeBytes)]);
}

/** The fields of an event about its bundle, and the bundle itself if it is small. */
export function bundleFields(bundle: Buffer): Partial<Fields> {
  const isInline = bundle.length <= INLINE_PATCH_LIMIT_BYTES;
  return {
    bundleData: isInline ? bundle.toString('base64') : undefined,
    bundleChunkCount: isInline ? undefined : Math.ceil(bundle.length / CHUNK_SIZE_BYTES),
    bundleSha256: createHash('sha256').update(bundle).digest('hex'),
    bundleSizeBytes: bundle.length,
    patchBaseSha: 'b'.repeat(40),
    patchTtlHours: 168,
  };
}

/** A complete replica of the app, in this process. */
export async function startReplica(servers: {
  databaseUrl: string;
  natsUrl: string;
}): Promise<INestApplication> {
  const app = await NestFactory.create(
    IngestModule.forRoot({
      nats: { url: servers.natsUrl, streamReplicas: 1 },
      database: { url: servers.databaseUrl, poolSize: 4, encryptionKeys: [] },
      http: { host: '127.0.0.1', port: 0 },
      logLevel: 'silent',
      stopGraceSeconds: 10,
    }),
    { logger: false, abortOnError: false },
  );
  connectHandlers(app);
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  return app;
}

/** The length that gzip notes at its end. */
function unpackedSize(patch: Buffer): number {
  return patch.readUInt32LE(patch.length - 4);
}
