import { Controller } from '@nestjs/common';
import {
  ContractError,
  CreatePatchRequest,
  decode,
  GetPatchRequest,
  PatchesDeleted,
  PatchInfo,
  PatchList,
  PatchSlice,
  ReadPatchSliceRequest,
  requireIdentity,
  TaskPatchesRequest,
} from '#contracts';
import { Database } from '#database';
import { Rpc, type ReceivedMessage } from '#messaging';
import { requireHolder } from '#tasks';
import { patchReadBytes } from '../metrics.js';
import { CreatePatch } from './create-patch.js';
import { DeletePatches } from './delete-patches.js';
import { patchInfo } from './patch-info.js';
import { ReadPatch } from './read-patch.js';

/** Patches for daemons. A daemon only gets answers about tasks that it holds. */
@Controller()
export class PatchesRpc {
  constructor(
    private readonly database: Database,
    private readonly read: ReadPatch,
    private readonly createPatch: CreatePatch,
    private readonly deletePatches: DeletePatches,
  ) {}

  @Rpc('get-patch')
  async get(request: ReceivedMessage): Promise<PatchInfo> {
    const asked = identified(GetPatchRequest, request);
    const patch = await this.read.find(asked.patchId);
    await this.requireHolder(patch.taskId, asked);
    return patchInfo(patch);
  }

  @Rpc('latest-patch')
  async latest(request: ReceivedMessage): Promise<PatchInfo> {
    const asked = identified(TaskPatchesRequest, request);
    const { taskId } = asked;
    await this.requireHolder(taskId, asked);
    return patchInfo(await this.read.latest(taskId));
  }

  @Rpc('list-patches')
  async list(request: ReceivedMessage): Promise<PatchList> {
    const asked = identified(TaskPatchesRequest, request);
    const { taskId } = asked;
    await this.requireHolder(taskId, asked);
    return { patches: (await this.read.list(taskId)).map(patchInfo) };
  }

  /** The request's `eventId` becomes the patch's id, so that the request may be sent again. */
  @Rpc('create-patch')
  async create(request: ReceivedMessage): Promise<PatchInfo> {
    const { eventId, daemonId, attempt, ...patch } = identified(CreatePatchRequest, request);
    await this.requireHolder(patch.taskId, { daemonId, attempt });
    return patchInfo((await this.createPatch.create({ ...patch, id: eventId })).patch);
  }

  @Rpc('delete-patches')
  async delete(request: ReceivedMessage): Promise<PatchesDeleted> {
    const asked = identified(TaskPatchesRequest, request);
    const { taskId } = asked;
    await this.requireHolder(taskId, asked);
    return { deletedCount: await this.deletePatches.ofTask(taskId) };
  }

  /**
   * A patch that disappears between two slices is `PATCH_EXPIRED`, not `PATCH_NOT_FOUND`: the reader has seen
   * its beginning.
   */
  @Rpc('read-patch-slice')
  async readSlice(request: ReceivedMessage): Promise<PatchSlice> {
    const asked = identified(ReadPatchSliceRequest, request);
    const { patchId, offsetBytes, lengthBytes } = asked;
    const patch = await this.read.find(patchId).catch((error: unknown) => {
      if (offsetBytes > 0 && error instanceof ContractError && error.code === 'PATCH_NOT_FOUND') {
        throw new ContractError(
          'PATCH_EXPIRED',
          `Patch ${patchId} was deleted while it was being read.`,
          'patchId',
        );
      }
      throw error;
    });
    await this.requireHolder(patch.taskId, asked);
    const data = await this.read.slice(patchId, offsetBytes, lengthBytes);
    patchReadBytes.inc({ over: 'nats' }, data.length);
    return { patchId, offsetBytes, totalSizeBytes: patch.patchSizeBytes, data: data.toString('base64') };
  }

  private async requireHolder(taskId: string, asking: { attempt?: number; daemonId: string }): Promise<void> {
    await requireHolder(this.database.manager, taskId, asking);
  }
}

function identified<Request extends { daemonId: string; taskId?: string }>(
  type: new () => Request,
  { subject, data }: ReceivedMessage,
): Request {
  const request = decode(type, data);
  requireIdentity(subject, request);
  return request;
}
