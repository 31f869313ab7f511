import { IsString, ValidateIf } from 'class-validator';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointCreated } from '../messages/checkpoint-created.js';
import { DaemonHeartbeat } from '../messages/daemon-heartbeat.js';
import { SpawnTask } from '../commands/spawn-task.js';
import { JsonText } from '../fields/json-text.js';
import { MAX_MESSAGE_BYTES } from '../fields/limits.js';
import { ContractError } from './contract-error.js';
import { compose, decode, decodeValue } from './decode.js';
import { encode, jsonOf } from './encode.js';

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

  it('is mended by its sender where a text was cut within a character', () => {
    const omissions = [{ path: 'a😀'.slice(0, 2), reason: 'b' }];
    const sent = compose(CheckpointCreated, { ...checkpoint(), message: '😀é'.slice(1), omissions });
    expect(sent.message).toBe('\ufffdé');
    expect(sent.omissions).toEqual([{ path: 'a\ufffd', reason: 'b' }]);
    expect(compose(CheckpointCreated, { ...checkpoint(), message: '😀 \\ud83d' }).message).toBe('😀 \\ud83d');
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
    ['a number that is not exact', { sequence: 2 ** 53 }, 'BAD_NUMBER', 'sequence'],
    ['an attempt that no column holds', { attempt: 2_147_483_648 }, 'FIELD_INVALID', 'attempt'],
    ['a count that no column holds', { filesChanged: 2_147_483_648 }, 'FIELD_INVALID', 'filesChanged'],
    ['a week for a time', { capturedAt: '2024-W05' }, 'FIELD_INVALID', 'capturedAt'],
    ['a time without its zone', { capturedAt: '2026-01-23T01:02:03' }, 'FIELD_INVALID', 'capturedAt'],
    ['a time that Postgres does not know', { capturedAt: '0000-01-01' }, 'FIELD_INVALID', 'capturedAt'],
    ['half of a surrogate pair', { message: '\udc00' }, 'BAD_TEXT', 'message'],
    ['an object for a text', { message: { constructor: null } }, 'FIELD_INVALID', 'message'],
    ['a list for an object', { modes: [] }, 'FIELD_INVALID', 'modes'],
    ['an object for a list', { omissions: { constructor: null } }, 'FIELD_INVALID', 'omissions'],
    ['a list of lists', { omissions: [[{ constructor: null }]] }, 'FIELD_INVALID', 'omissions.0'],
    ['a text for an element', { omissions: ['x'] }, 'FIELD_INVALID', 'omissions.0'],
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
    ['no UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from('"}')])],
    ['no object', Buffer.from('[]')],
  ])('refuses %s as BAD_JSON', (_, bytes) => {
    expect(() => decode(CheckpointCreated, bytes)).toThrow(expect.objectContaining({ code: 'BAD_JSON' }));
  });
});

describe('a hostile message', () => {
  const text = jsonOf({ schemaVersion: 1, ...checkpoint() }).slice(0, -1);
  const read = (more: string) => decode(CheckpointCreated, Buffer.from(`${text},${more}}`));

  it.each([
    '"constructor":{"prototype":null},"x":{"constructor":1}',
    '"__proto__":{"attempt":7},"prototype":1',
    '"toString":1,"hasOwnProperty":null,"valueOf":[],"then":{},"length":-1',
    '"toJSON":{"a":1},"1":2,"0":3',
  ])('has keys that mean nothing: %s', (more) => {
    const message = read(more);
    expect(message).toEqual(decode(CheckpointCreated, Buffer.from(`${text}}`)));
    expect(Object.getPrototypeOf(message)).toBe(CheckpointCreated.prototype);
    expect(message.attempt).toBe(1);
  });

  it('has no unknown keys by the time that it is checked, at whatever depth', () => {
    const change = { omissions: [{ path: 'a', reason: 'b', constructor: 1, more: {} }] };
    const { omissions } = decodeValue(CheckpointCreated, { ...checkpoint(), ...change });
    expect(omissions!.map((omission) => Object.keys(omission))).toEqual([['path', 'reason']]);
  });

  it('may have as many bytes as NATS takes, and not one more', () => {
    const of = (length: number) => Buffer.from(`${text}}`.padEnd(length));
    expect(decode(CheckpointCreated, of(MAX_MESSAGE_BYTES)).attempt).toBe(1);
    expect(() => decode(CheckpointCreated, of(MAX_MESSAGE_BYTES + 1))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
    );
  });

  it('has lists no longer than allowed, before what is in them is looked at', () => {
    const tasks = Array.from({ length: 10_001 }, () => 'no object');
    expect(() => decodeValue(DaemonHeartbeat, { tasks })).toThrow(
      expect.objectContaining({ code: 'FIELD_INVALID', path: 'tasks' }),
    );
  });

  it('is refused with a code when a rule throws over it', () => {
    class Strict {
      @ValidateIf(() => {
        throw new TypeError('over this');
      })
      @IsString()
      name!: string;
    }
    expect(() => decodeValue(Strict, { name: 'x' })).toThrow(
      expect.objectContaining({ code: 'FIELD_INVALID', message: 'Strict cannot be checked: over this.' }),
    );
  });

  it('is refused when it is no JSON at all', () => {
    const endless: Record<string, unknown> = {};
    endless['endless'] = endless;
    expect(() => decodeValue(CheckpointCreated, endless)).toThrow(
      expect.objectContaining({ code: 'BAD_JSON' }),
    );
  });
});

describe('what a message carries', () => {
  const fields = {
    eventId: uuidv7(),
    taskId: uuidv7(),
    attempt: 1,
    taskName: 'a',
    plan: 'p',
    runner: 'shell',
    repoUrl: 'new://a',
    isSupervisor: false,
    resumeSession: false,
  };

  it('is written as it came', () => {
    const odd = '{ "b":1e400,"2":12345678901234567890, "1":"\\u00e9é \\u0000","__proto__":1.10,"b":{}}';
    const message = compose(SpawnTask, { ...fields, conversationHistory: new JsonText(odd) });
    expect(message.conversationHistory).toEqual(new JsonText(odd));
    expect(Buffer.from(encode(message)).toString()).toContain(`"conversationHistory":${odd}`);
  });

  it('is nothing when it is null', () => {
    expect(compose(SpawnTask, { ...fields, conversationHistory: null }).conversationHistory).toBeNull();
  });

  it('must be JSON', () => {
    for (const wrong of ['{"a":}', '', '1,', '[}', 'nul']) {
      const bytes = Buffer.from(jsonOf({ ...fields, conversationHistory: new JsonText(wrong) }));
      expect(() => decode(SpawnTask, bytes)).toThrow(expect.objectContaining({ code: 'BAD_JSON' }));
    }
  });

  it('is all that is in an object', () => {
    expect(jsonOf({ a: new JsonText('[ ]') })).toBe('{"a":[ ]}');
  });
});
