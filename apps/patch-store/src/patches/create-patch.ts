import { Injectable } from '@nestjs/common';
import { ContractError, verifyPatch } from '#contracts';
import { Database, findPatch, insertPatches, lockTask, type StoredPatch } from '#database';
import { taskNotFound } from '#tasks';

export interface PatchToStore {
  /** The patch's id; the same id again means the same patch. */
  id: string;
  taskId: string;
  patchBaseSha: string;
  treeSha: string;
  /** Gzip in base64. */
  patchData: string;
  patchFilesCount: number;
  patchTtlHours: number;
}

/** Stores patches that belong to no checkpoint. They can be listed and read; a resume never picks them. */
@Injectable()
export class CreatePatch {
  constructor(private readonly database: Database) {}

  /**
   * May run twice: the second call stores nothing.
   *
   * @throws ContractError `TASK_NOT_FOUND`; `EVENT_CONFLICT` for another patch under the same id; the codes
   *   of `verifyPatch`
   */
  async create(patch: PatchToStore): Promise<{ patch: StoredPatch; isNew: boolean }> {
    const patchData = Buffer.from(patch.patchData, 'base64');
    const facts = await verifyPatch(patchData);
    return this.database.transaction(async (manager) => {
      if (!(await lockTask(manager, patch.taskId))) throw taskNotFound(patch.taskId);
      const existing = await findPatch(manager, patch.id);
      if (existing) return { patch: requireSame(existing, patch.taskId, facts.sha256), isNew: false };
      await insertPatches(manager, [
        {
          id: patch.id,
          taskId: patch.taskId,
          checkpointId: null,
          format: 'git-diff',
          baseCommitSha: patch.patchBaseSha,
          treeSha: patch.treeSha,
          sha256: facts.sha256,
          patchData,
          uncompressedSizeBytes: facts.uncompressedSizeBytes,
          filesCount: patch.patchFilesCount,
          ttlHours: patch.patchTtlHours,
        },
      ]);
      return { patch: (await findPatch(manager, patch.id))!, isNew: true };
    });
  }
}

function requireSame(existing: StoredPatch, taskId: string, sha256: string): StoredPatch {
  if (existing.taskId === taskId && existing.sha256 === sha256) return existing;
  throw new ContractError('EVENT_CONFLICT', `Patch ${existing.id} already exists with different content.`);
}
