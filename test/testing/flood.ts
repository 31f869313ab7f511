import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects } from '#contracts';

/** Messages at once; between two such bursts the connection is flushed. */
const BURST = 2100;

/** How long the flood rests after a burst, so that the machine is not the limit. */
const REST_MILLISECONDS = 500;

/**
 * Sends what a daemon can send at its worst, over and over: messages that nobody can read, well-formed
 * checkpoints whose bytes never come, requests, reports and heartbeats.
 *
 * @param taskId a running task of that daemon
 * @returns how many messages it sent, once `signal` has ended it
 */
export async function flood(
  connection: NatsConnection,
  daemonId: string,
  taskId: string,
  signal: AbortSignal,
): Promise<number> {
  let sent = 0;
  while (!signal.aborted) {
    for (let index = 0; index < BURST; index++) {
      const [subject, payload] = worstOf(daemonId, taskId, index);
      connection.publish(subject, payload);
      sent++;
    }
    await connection.flush();
    await sleep(REST_MILLISECONDS, undefined, { signal }).catch(() => {});
  }
  return sent;
}

function worstOf(daemonId: string, taskId: string, index: number): [string, Uint8Array] {
  const subject = subjects.checkpointCreated(daemonId, taskId);
  switch (index % 6) {
    case 0:
      return [subject, Buffer.from(`{"${uuidv7()}`)];
    case 1:
      return [subject, Buffer.from(`{"a":${'['.repeat(3000)}${index}${']'.repeat(3000)}}`)];
    case 2:
      return [subjects.taskReported(daemonId, taskId), encode({ constructor: { name: uuidv7() } })];
    case 3:
      return [subjects.rpc(daemonId, 'list-checkpoints'), encode({ daemonId, taskId })];
    case 4:
      return [subjects.heartbeat('default', daemonId), randomBytes(40)];
    default:
      return [subject, encode(withoutBytes(daemonId, taskId, index))];
  }
}

/** A checkpoint whose patch is said to be in BLOBS, and is not. */
function withoutBytes(daemonId: string, taskId: string, sequence: number): object {
  return {
    schemaVersion: 1,
    eventId: uuidv7(),
    daemonId,
    taskId,
    attempt: 1,
    sequence: sequence + 1,
    kind: 'heartbeat',
    success: true,
    capturedAt: new Date().toISOString(),
    message: 'its bytes never come',
    treeSha: 'e'.repeat(40),
    patchChunkCount: 1,
    patchFormat: 'git-diff',
    patchBaseSha: 'b'.repeat(40),
    patchSha256: createHash('sha256').update(uuidv7()).digest('hex'),
    patchSizeBytes: 300_000,
    patchUncompressedSizeBytes: 300_000,
    patchFilesCount: 1,
    patchTtlHours: 168,
  };
}
