import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { v7 as uuidv7 } from 'uuid';
import type { Omission, PatchAbsentReason } from '#contracts';
import {
  insertCheckpoints,
  insertPatches,
  raiseCheckpointNumbers,
  upsertDaemon,
  type Database,
  type NewPatch,
} from '#database';

export const BASE_SHA = 'b'.repeat(40);
export const TREE_SHA = 'c'.repeat(40);

export interface SeedCheckpoint {
  taskId: string;
  number: number;
  attempt?: number;
  sequence?: number;
  daemonId?: string;
  superseded?: boolean;
  /** Default: a few bytes of gzip. Null: the checkpoint has no patch. */
  patchData?: Buffer | null;
  /** Absent: the checkpoint has no bundle. */
  bundleData?: Buffer;
  message?: string;
  omissions?: Omission[];
  omissionsCount?: number;
  patchAbsentReason?: PatchAbsentReason;
  /** How many hours ago the patch expired. */
  expiredForHours?: number;
}

export interface SeededPatch {
  patchId: string;
  bundleId: string;
  checkpointId: string;
  patchData: Buffer;
  sha256: string;
}

/** Gzip of incompressible data, of about that many bytes. */
export function gzipOf(sizeBytes: number): Buffer {
  return gzipSync(randomBytes(sizeBytes));
}

export function sha256Of(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Random bytes after the signature of a bundle, about that many. */
export function bundleOf(sizeBytes: number): Buffer {
  return Buffer.concat([Buffer.from('# v2 git bundle\n'), randomBytes(sizeBytes)]);
}

/** Stores a checkpoint as checkpoint-ingest does. */
export async function seedCheckpoint(database: Database, seed: SeedCheckpoint): Promise<SeededPatch> {
  const { taskId, number, attempt = 1, sequence = number, daemonId = 'daemon-1' } = seed;
  const patchData = seed.patchData === undefined ? gzipOf(50) : seed.patchData;
  const { bundleData } = seed;
  const [checkpointId, patchId, bundleId] = [uuidv7(), uuidv7(), uuidv7()];
  await database.transaction(async (manager) => {
    await insertCheckpoints(manager, [
      {
        id: checkpointId,
        taskId,
        eventId: uuidv7(),
        contentSha256: sha256Of(randomBytes(8)),
        daemonId,
        attempt,
        sequence,
        number,
        kind: 'heartbeat',
        message: seed.message ?? `checkpoint ${number}`,
        commitSha: BASE_SHA,
        branchName: 'main',
        treeSha: TREE_SHA,
        modes: null,
        baseReachable: true,
        filesChanged: 1,
        linesAdded: 2,
        linesRemoved: 3,
        omissions: seed.omissions ?? [],
        omissionsCount: seed.omissionsCount ?? 0,
        secrets: [],
        conversation: null,
        patchId: patchData && patchId,
        bundleId: bundleData ? bundleId : null,
        patchAbsentReason: seed.patchAbsentReason ?? null,
        superseded: seed.superseded ?? false,
        capturedAt: new Date(),
      },
    ]);
    const common = {
      taskId,
      checkpointId,
      baseCommitSha: BASE_SHA,
      treeSha: TREE_SHA,
      uncompressedSizeBytes: 100,
      filesCount: 1,
      ttlHours: seed.expiredForHours === undefined ? 168 : -seed.expiredForHours,
    };
    const patches: NewPatch[] = [];
    if (patchData) {
      const sha256 = sha256Of(patchData);
      patches.push({ ...common, id: patchId, format: 'git-diff', sha256, patchData });
    }
    if (bundleData) {
      const sha256 = sha256Of(bundleData);
      patches.push({ ...common, id: bundleId, format: 'git-bundle', sha256, patchData: bundleData });
    }
    if (patches.length > 0) await insertPatches(manager, patches);
    await raiseCheckpointNumbers(manager, new Map([[taskId, number]]));
  });
  return {
    patchId,
    bundleId,
    checkpointId,
    patchData: patchData ?? Buffer.alloc(0),
    sha256: sha256Of(patchData ?? Buffer.alloc(0)),
  };
}

/** Registers a daemon whose last heartbeat was that many seconds ago. */
export async function seedDaemon(database: Database, daemonId: string, silentForSeconds = 0): Promise<void> {
  await upsertDaemon(database.manager, {
    schemaVersion: 1,
    eventId: uuidv7(),
    daemonId,
    pool: 'default',
    hostname: 'host',
    agentVersion: '0.1.0',
    maxTasks: 4,
    tasks: [],
    startedAt: new Date().toISOString(),
  });
  await database.manager.query(
    'UPDATE daemons SET last_heartbeat_at = now() - make_interval(secs => $2) WHERE id = $1',
    [daemonId, silentForSeconds],
  );
}
