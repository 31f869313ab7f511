import { v7 as uuidv7 } from 'uuid';
import {
  CheckpointCreated,
  CHUNK_SIZE_BYTES,
  compose,
  INLINE_PATCH_LIMIT_BYTES,
  MAX_OMISSIONS,
  type CheckpointKind,
  type Omission,
} from '#contracts';
import type { Capture } from '#git';
import { namedSecrets } from './named-secrets.js';
import type { FoundConversation } from '../conversation/conversations.js';
import type { SpoolEntry } from '../spool/spool-entry.js';

type Captured = Extract<Capture, { outcome: 'captured' }>;

/** Which checkpoint of which attempt, and why it was made. */
export interface CheckpointHead {
  daemonId: string;
  taskId: string;
  attempt: number;
  sequence: number;
  kind: CheckpointKind;
  message: string;
  capturedAt: Date;
}

/** Pure: the message that announces a capture, and what is too large to fit in it. */
export function composeCheckpoint(
  head: CheckpointHead,
  capture: Captured,
  patchTtlHours: number,
  { read: conversation, problem }: FoundConversation = {},
): SpoolEntry {
  const { patch, bundle } = capture;
  const rides = ridesInline(patch?.sizeBytes ?? 0, bundle?.sizeBytes ?? 0, conversation?.data.length ?? 0);
  const event = compose(CheckpointCreated, {
    ...headFields(head),
    success: true,
    commitSha: capture.headSha ?? undefined,
    branchName: capture.branchName ?? undefined,
    treeSha: capture.treeSha,
    modes: capture.modes ?? undefined,
    baseReachable: capture.baseReachable,
    filesChanged: capture.filesChanged,
    linesAdded: capture.linesAdded,
    linesRemoved: capture.linesRemoved,
    omissions: [...unsaid(problem), ...capture.omissions]
      .slice(0, MAX_OMISSIONS)
      .map(({ path, reason }) => ({ path, reason })),
    omissionsCount: capture.omissionsCount + unsaid(problem).length,
    ...(capture.secrets.length > 0 && { secrets: namedSecrets(capture.secrets) }),
    patchAbsentReason: capture.patchAbsentReason ?? undefined,
    ...((patch ?? bundle) && { patchBaseSha: capture.baseSha, patchTtlHours }),
    ...(patch && {
      patchFormat: patch.format,
      patchSha256: patch.sha256,
      patchSizeBytes: patch.sizeBytes,
      patchUncompressedSizeBytes: patch.uncompressedSizeBytes,
      patchFilesCount: patch.filesCount,
      ...carried(rides.patch, patch.data, 'patchData', 'patchChunkCount'),
    }),
    ...(bundle && {
      bundleSha256: bundle.sha256,
      bundleSizeBytes: bundle.sizeBytes,
      ...carried(rides.bundle, bundle.data, 'bundleData', 'bundleChunkCount'),
    }),
    ...(conversation && {
      conversation: conversation.conversation,
      conversationSha256: conversation.sha256,
      conversationSizeBytes: conversation.data.length,
      ...carried(rides.conversation, conversation.data, 'conversationData', 'conversationChunkCount'),
    }),
  });
  return {
    event,
    patch: patch && !rides.patch ? patch.data : null,
    bundle: bundle && !rides.bundle ? bundle.data : null,
    conversation: conversation && !rides.conversation ? conversation.data : null,
  };
}

function unsaid(problem: string | undefined): Omission[] {
  return problem === undefined ? [] : [{ path: '.', reason: `conversation: ${problem}`.slice(0, 200) }];
}

/** Pure: the answer to a request for a checkpoint that could not be made. */
export function composeFailedCheckpoint(head: CheckpointHead, error: string): SpoolEntry {
  const event = compose(CheckpointCreated, {
    ...headFields(head),
    success: false,
    error: error.slice(0, 8000),
  });
  return { event, patch: null, bundle: null, conversation: null };
}

function headFields(head: CheckpointHead) {
  return {
    eventId: uuidv7(),
    daemonId: head.daemonId,
    taskId: head.taskId,
    attempt: head.attempt,
    sequence: head.sequence,
    kind: head.kind,
    message: head.message.slice(0, 8000),
    capturedAt: head.capturedAt.toISOString(),
  };
}

/**
 * What fits into the message: together no more than a single patch may have. The bundle has precedence,
 * because a resume prefers it.
 */
function ridesInline(patchBytes: number, bundleBytes: number, conversationBytes: number) {
  let left = INLINE_PATCH_LIMIT_BYTES;
  const fits = (sizeBytes: number): boolean => {
    if (sizeBytes > left) return false;
    left -= sizeBytes;
    return true;
  };
  return { bundle: fits(bundleBytes), patch: fits(patchBytes), conversation: fits(conversationBytes) };
}

function carried(
  inline: boolean,
  data: Buffer,
  dataField: 'patchData' | 'bundleData' | 'conversationData',
  countField: 'patchChunkCount' | 'bundleChunkCount' | 'conversationChunkCount',
): Partial<CheckpointCreated> {
  if (inline) return { [dataField]: data.toString('base64') };
  return { [countField]: Math.ceil(data.length / CHUNK_SIZE_BYTES) };
}
