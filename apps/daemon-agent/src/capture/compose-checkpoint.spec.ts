import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { encode, MAX_CONVERSATION_FILES, MAX_MODE_EXCEPTIONS_BYTES, MAX_OMISSIONS } from '#contracts';
import { MAX_EXCEPTIONS_BYTES, type Capture } from '#git';
import { composeCheckpoint, type CheckpointHead } from './compose-checkpoint.js';

const KIB = 1024;

const head: CheckpointHead = {
  daemonId: 'daemon-1',
  taskId: uuidv7(),
  attempt: 1,
  sequence: 1,
  kind: 'heartbeat',
  message: 'wip',
  capturedAt: new Date(),
};

function capture(patchBytes: number, bundleBytes: number): Extract<Capture, { outcome: 'captured' }> {
  const describeBytes = (data: Buffer) => ({
    data,
    sha256: createHash('sha256').update(data).digest('hex'),
    sizeBytes: data.length,
  });
  return {
    outcome: 'captured',
    treeSha: 'a'.repeat(40),
    modes: {
      files: 0o644,
      executables: 0o755,
      folders: 0o755,
      exceptions: [{ mode: 0o600, paths: Array.from({ length: 800 }, (_, n) => `${n}`.padStart(37, 'p')) }],
    },
    headSha: 'b'.repeat(40),
    branchName: 'main',
    baseSha: 'c'.repeat(40),
    baseReachable: true,
    clean: false,
    patch: {
      format: 'git-diff',
      uncompressedSizeBytes: patchBytes * 5,
      filesCount: 1,
      ...describeBytes(Buffer.alloc(patchBytes, 1)),
    },
    patchAbsentReason: null,
    bundle:
      bundleBytes === 0
        ? null
        : { format: 'git-bundle', commitsCount: 1, ...describeBytes(Buffer.alloc(bundleBytes, 2)) },
    filesChanged: 1,
    linesAdded: 1,
    linesRemoved: 0,
    omissions: Array.from({ length: 150 }, () => ({ path: 'p'.repeat(4096), reason: 'unreadable' as const })),
    secrets: [],
    omissionsCount: 150,
  };
}

describe('composeCheckpoint', () => {
  it.each([
    ['puts a small patch into the message', 10 * KIB, 0, true, undefined],
    ['leaves a large patch out of the message', 300 * KIB, 0, false, undefined],
    ['puts patch and bundle into the message if they fit together', 100 * KIB, 100 * KIB, true, true],
    ['prefers the bundle if only one of them fits', 200 * KIB, 200 * KIB, false, true],
    ['puts the patch into the message if the bundle is too large', 200 * KIB, 300 * KIB, true, false],
  ])('%s', (_, patchBytes, bundleBytes, patchInline, bundleInline) => {
    const { event, patch, bundle } = composeCheckpoint(head, capture(patchBytes, bundleBytes), 168);
    expect(event.patchData !== undefined).toBe(patchInline);
    expect(patch === null).toBe(patchInline);
    expect(event.patchChunkCount === undefined).toBe(patchInline);
    if (bundleInline !== undefined) {
      expect(event.bundleData !== undefined).toBe(bundleInline);
      expect(bundle === null).toBe(bundleInline);
    }
    expect(event.omissions).toHaveLength(MAX_OMISSIONS);
    expect(event.omissionsCount).toBe(150);
    // The default max_payload of NATS.
    expect(encode(event).length).toBeLessThan(1024 * KIB);
  });

  it('has room for a conversation of the most files with the longest names', () => {
    const files = Array.from({ length: MAX_CONVERSATION_FILES }, (_, at) => ({
      path: `${at}`.padStart(300, 'x'),
      lengthBytes: 1_000_000,
      sha256: 'a'.repeat(64),
      generation: 1,
      fromByte: 1_000_000,
    }));
    const data = Buffer.alloc(50 * KIB, 1);
    const conversation = { runner: 'codex', sessionId: 'one', linesCount: 1, files };
    const read = { conversation, data, sha256: 'b'.repeat(64), digest: 'c'.repeat(64) };
    const { event } = composeCheckpoint(head, capture(100 * KIB, 100 * KIB), 168, { read });
    expect(event.conversationData).toBeDefined();
    expect(encode(event).length).toBeLessThan(1024 * KIB);
  });

  it('says why a conversation is not with it', () => {
    const { event } = composeCheckpoint(head, capture(KIB, 0), 168, { problem: 'too large' });
    expect(event.omissions![0]).toEqual({ path: '.', reason: 'conversation: too large' });
    expect(event.omissionsCount).toBe(151);
  });

  it('takes as many modes as a capture names', () => {
    expect(MAX_MODE_EXCEPTIONS_BYTES).toBe(MAX_EXCEPTIONS_BYTES);
  });
});
