import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointCreated } from '../messages/checkpoint-created.js';
import { ContractError } from './contract-error.js';
import { compose, decode, encode } from './decode.js';

function checkpoint(): Omit<CheckpointCreated, 'schemaVersion'> {
  return {
    eventId: uuidv7(),
    daemonId: 'daemon-1',
    taskId: uuidv7(),
    attempt: 1,
    sequence: 1,
    kind: 'heartbeat',
    success: true,
    capturedAt: '2026-01-23T01:02:03.000Z',
    message: '[WIP] Heartbeat checkpoint',
    treeSha: 'a'.repeat(40),
    omissions: [{ path: 'core.img', reason: 'untracked-too-large' }],
    omissionsCount: 1,
    patchData: Buffer.from('patch').toString('base64'),
    patchFormat: 'git-diff',
    patchBaseSha: 'b'.repeat(40),
    patchSha256: 'c'.repeat(64),
    patchSizeBytes: 5,
    patchUncompressedSizeBytes: 9,
    patchFilesCount: 1,
    patchTtlHours: 168,
  };
}

function refusal(change: object): { code: string; path: string | undefined } {
  try {
    decode(CheckpointCreated, encode({ schemaVersion: 1, ...checkpoint(), ...change }));
  } catch (error) {
    if (error instanceof ContractError) return { code: error.code, path: error.path };
    throw error;
  }
  throw new Error('the message was accepted');
}

describe('decode', () => {
  it('reads back what was encoded', () => {
    const sent = compose(CheckpointCreated, checkpoint());
    expect(decode(CheckpointCreated, encode(sent))).toEqual(sent);
  });

  it('drops fields that it does not know, so that a newer sender can add some', () => {
    const read = decode(
      CheckpointCreated,
      encode({ ...compose(CheckpointCreated, checkpoint()), colour: 'red' }),
    );
    expect(read).not.toHaveProperty('colour');
  });

  it('accepts a failed checkpoint without any capture', () => {
    const { eventId, daemonId, taskId, attempt, sequence, kind, capturedAt, message } = checkpoint();
    const failed = { eventId, daemonId, taskId, attempt, sequence, kind, capturedAt, message };
    expect(
      compose(CheckpointCreated, { ...failed, success: false, error: 'No changes to checkpoint' }).success,
    ).toBe(false);
  });

  it.each([
    ['an unknown version', { schemaVersion: 2 }, 'UNSUPPORTED_VERSION', 'schemaVersion'],
    ['a bad id', { taskId: 'no-uuid' }, 'BAD_ID', 'taskId'],
    ['a daemon id that is no subject token', { daemonId: 'a.b' }, 'BAD_ID', 'daemonId'],
    ['a bad tree hash', { treeSha: 'HEAD' }, 'BAD_SHA', 'treeSha'],
    ['a bad patch base', { patchBaseSha: 'a'.repeat(41) }, 'BAD_SHA', 'patchBaseSha'],
    ['junk in base64', { patchData: 'AAA*' }, 'BAD_BASE64', 'patchData'],
    ['base64 without padding', { patchData: 'AAA' }, 'BAD_BASE64', 'patchData'],
    ['NUL in a text', { message: 'a\0b' }, 'BAD_TEXT', 'message'],
    ['NUL deep inside', { omissions: [{ path: 'a\0', reason: 'x' }] }, 'BAD_TEXT', 'omissions.0.path'],
    ['a field of the wrong type', { attempt: '1' }, 'FIELD_INVALID', 'attempt'],
    [
      'a nested field of the wrong type',
      { omissions: [{ path: 1, reason: 'x' }] },
      'FIELD_INVALID',
      'omissions.0.path',
    ],
    ['success without a tree', { treeSha: undefined }, 'BAD_SHA', 'treeSha'],
    ['a patch without its digest', { patchSha256: undefined }, 'BAD_SHA', 'patchSha256'],
    [
      'a patch that is neither inline nor in chunks',
      { patchData: undefined },
      'FIELD_INVALID',
      'patchChunkCount',
    ],
  ])('refuses %s', (_, change, code, path) => {
    expect(refusal(change)).toEqual({ code, path });
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['no object', Buffer.from('[]')],
  ])('refuses %s as BAD_JSON', (_, bytes) => {
    expect(() => decode(CheckpointCreated, bytes)).toThrow(expect.objectContaining({ code: 'BAD_JSON' }));
  });
});
