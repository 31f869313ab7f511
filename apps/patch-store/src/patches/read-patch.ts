import { Injectable } from '@nestjs/common';
import { CHUNK_SIZE_BYTES, ContractError, type PatchFormat } from '#contracts';
import {
  Database,
  findPatch,
  findTask,
  latestRestorablePatch,
  listPatches,
  readPatchSlice,
  type LatestRestorable,
  type StoredPatch,
} from '#database';
import { taskNotFound } from '#tasks';
import { patchNotFound } from '../http/patch-not-found.js';

/** Finds patches and reads their bytes. */
@Injectable()
export class ReadPatch {
  constructor(private readonly database: Database) {}

  /**
   * A patch that can still be read. The newest one of an unfinished task is kept beyond its expiry.
   *
   * @throws ContractError `PATCH_NOT_FOUND`; `PATCH_EXPIRED` when it has expired and only waits to be deleted
   */
  async find(patchId: string): Promise<StoredPatch> {
    const patch = await findPatch(this.database.manager, patchId);
    if (!patch) throw patchNotFound(patchId);
    if (patch.isExpired) await this.refuseUnlessLatest(patch);
    return patch;
  }

  /**
   * The patch of the checkpoint that a resume of the task would restore: the readable diff if there is one,
   * else the bundle.
   *
   * @param format only this one
   * @throws ContractError `TASK_NOT_FOUND`, `PATCH_NOT_FOUND`
   */
  async latest(taskId: string, format?: PatchFormat): Promise<StoredPatch> {
    await this.requireTask(taskId);
    const latest = await latestRestorablePatch(this.database.manager, taskId);
    const patch = inFormat(latest, format);
    if (patch) return patch;
    const kind = format ?? 'patch';
    throw new ContractError(
      'PATCH_NOT_FOUND',
      `Task ${taskId} has no restorable ${kind}. ${absenceHint(latest)}`,
      'taskId',
    );
  }

  /**
   * All patches of a task, newest checkpoint first, including those that wait to be deleted.
   *
   * @throws ContractError `TASK_NOT_FOUND`
   */
  async list(taskId: string): Promise<StoredPatch[]> {
    await this.requireTask(taskId);
    return listPatches(this.database.manager, taskId);
  }

  /**
   * A part of the compressed bytes; shorter at their end.
   *
   * @throws ContractError `PATCH_EXPIRED` when the patch, which the caller has seen, was deleted in the
   *   meantime
   */
  async slice(patchId: string, offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    const slice = await readPatchSlice(this.database.manager, patchId, { offsetBytes, lengthBytes });
    if (slice) return slice.data;
    throw expired(patchId);
  }

  /**
   * The stored bytes in order, one slice in memory at a time. Throws as {@link slice} does.
   *
   * @param part the bytes `from` … `to`, both included; default: all
   */
  async *slices(
    patch: Pick<StoredPatch, 'id' | 'patchSizeBytes'>,
    part = { from: 0, to: patch.patchSizeBytes - 1 },
  ): AsyncGenerator<Buffer> {
    for (let offset = part.from; offset <= part.to; offset += CHUNK_SIZE_BYTES) {
      yield await this.slice(patch.id, offset, Math.min(CHUNK_SIZE_BYTES, part.to - offset + 1));
    }
  }

  private async refuseUnlessLatest(patch: StoredPatch): Promise<void> {
    const latest = await latestRestorablePatch(this.database.manager, patch.taskId);
    if (inFormat(latest, patch.format)?.id !== patch.id) throw expired(patch.id);
  }

  private async requireTask(taskId: string): Promise<void> {
    if (!(await findTask(this.database.manager, taskId))) throw taskNotFound(taskId);
  }
}

function inFormat({ patch, bundle }: LatestRestorable, format?: PatchFormat): StoredPatch | null {
  switch (format) {
    case 'git-diff':
      return patch;
    case 'git-bundle':
      return bundle;
    case undefined:
      return patch ?? bundle;
  }
}

/** Why there is no such patch, for people. */
function absenceHint({ checkpoint, patch, bundle, newerWithoutPatch: newer }: LatestRestorable): string {
  const other = patch ?? bundle;
  if (checkpoint && other) return `Checkpoint ${checkpoint.number} has only a ${other.format}, ${other.id}.`;
  if (!newer) return 'It has no checkpoint yet.';
  return `Its newest checkpoint, ${newer.number}, has none (${newer.patchAbsentReason ?? 'expired or deleted'}).`;
}

function expired(patchId: string): ContractError {
  return new ContractError(
    'PATCH_EXPIRED',
    `Patch ${patchId} has expired or was deleted. Use the task's latest patch.`,
    'patchId',
  );
}
