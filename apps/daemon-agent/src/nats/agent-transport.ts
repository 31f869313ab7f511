import { v7 as uuidv7 } from 'uuid';
import {
  CheckpointList,
  ClaimTaskReply,
  ClaimTaskRequest,
  compose,
  ConversationSlice,
  hasPatchOrBundle,
  ListCheckpointsRequest,
  PatchSlice,
  ReadConversationRequest,
  ReadPatchSliceRequest,
  RestorableCheckpointReply,
  RestorableCheckpointRequest,
  subjects,
} from '#contracts';
import {
  RpcUnavailableError,
  type BlobStore,
  type CorePublisher,
  type JetStreamPublisher,
  type PullWhenFree,
  type RpcClient,
} from '#messaging';
import { backoffMilliseconds } from '#runtime';
import type { AgentTransport } from '../daemon-parts.js';

/**
 * A restore tries to read a patch for about two minutes before it gives up: patch-store may be restarting.
 */
const READ_ATTEMPTS = 12;
const READ_RETRY = { baseMilliseconds: 500, maxMilliseconds: 15_000 };

export interface NatsParts {
  core: CorePublisher;
  publisher: JetStreamPublisher;
  pull: PullWhenFree;
  blobs: BlobStore;
  rpc: RpcClient;
}

/** The daemon's only connection to other services: NATS. */
export function agentTransport(
  daemonId: string,
  { core, publisher, pull, blobs, rpc }: NatsParts,
): AgentTransport {
  return {
    publish: (subject, bytes) => publisher.publish(subject, bytes),
    putBlob: (owner, sha256, data) => blobs.putBlob(owner, sha256, data),
    send: (subject, bytes) => void core.publish(subject, bytes),
    spawns: { next: (consumer, options) => pull.pullOne(consumer, options) },
    claim: (taskId, attempt) =>
      rpc.request(
        subjects.rpc(daemonId, 'claim-task'),
        compose(ClaimTaskRequest, { eventId: uuidv7(), daemonId, taskId, attempt }),
        ClaimTaskReply,
      ),
    readSlice: (patchId, offsetBytes, lengthBytes, attempt) =>
      whileUnavailable(() =>
        rpc.request(
          subjects.rpc(daemonId, 'read-patch-slice'),
          compose(ReadPatchSliceRequest, {
            eventId: uuidv7(),
            daemonId,
            attempt,
            patchId,
            offsetBytes,
            lengthBytes,
          }),
          PatchSlice,
        ),
      ),
    readConversation: async ({ taskId, attempt }, checkpointNumber, path, offsetBytes) => {
      const { data } = await whileUnavailable(() =>
        rpc.request(
          subjects.rpc(daemonId, 'read-conversation'),
          compose(ReadConversationRequest, {
            eventId: uuidv7(),
            daemonId,
            taskId,
            attempt,
            checkpointNumber,
            path,
            offsetBytes,
          }),
          ConversationSlice,
        ),
      );
      return Buffer.from(data, 'base64');
    },
    listCheckpoints: async ({ taskId, attempt }, page) => {
      const { checkpoints } = await whileUnavailable(() =>
        rpc.request(
          subjects.rpc(daemonId, 'list-checkpoints'),
          compose(ListCheckpointsRequest, { eventId: uuidv7(), daemonId, taskId, attempt, ...page }),
          CheckpointList,
        ),
      );
      return checkpoints;
    },
    findCheckpoint: async ({ taskId, attempt }, wanted) => {
      const reply = await whileUnavailable(() =>
        rpc.request(
          subjects.rpc(daemonId, 'restorable-checkpoint'),
          compose(RestorableCheckpointRequest, {
            eventId: uuidv7(),
            daemonId,
            taskId,
            attempt,
            ...wanted,
          }),
          RestorableCheckpointReply,
        ),
      );
      return hasPatchOrBundle(reply) ? reply : undefined;
    },
  };
}

async function whileUnavailable<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof RpcUnavailableError) || attempt === READ_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, backoffMilliseconds(attempt, READ_RETRY)));
    }
  }
}
