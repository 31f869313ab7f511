import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects, type CheckpointCreated } from '#contracts';
import { aCheckpoint } from './fixtures.js';

/** A message that is not to become a checkpoint, or only once. */
export interface HostileMessage {
  subject: string;
  payload: Uint8Array;
}

/**
 * Messages that were found to be redelivered for ever, and others of their kinds. Each call makes new ones.
 *
 * @param taskId a running task of that daemon
 */
export function hostileMessages(daemonId: string, taskId: string): Record<string, HostileMessage> {
  const subject = subjects.checkpointCreated(daemonId, taskId);
  const good = () => aCheckpoint({ taskId, daemonId, eventId: uuidv7() });
  const changed = (change: object) => ({ subject, payload: encode({ ...good(), ...change }) });
  const raw = (payload: string | Uint8Array) => ({ subject, payload: Buffer.from(payload as string) });
  return {
    'no JSON': raw(`{"${uuidv7()}`),
    'no UTF-8': raw(Buffer.concat([Buffer.from([0xff, 0xfe, 0x00]), randomBytes(20)])),
    'nothing at all': raw(''),
    'nested 3,000 deep': raw(nestedIn(good(), 3000)),
    'a key `constructor`': changed({ constructor: { name: uuidv7() } }),
    'a key `__proto__`': raw(Buffer.from(encode(good())).toString().replace('{', '{"__proto__":{"a":1},')),
    'a time that is none': changed({ capturedAt: '2026-02-31T25:61:61Z' }),
    'a time far outside': changed({ capturedAt: '+275760-09-13T00:00:00.001Z' }),
    'a number beyond its column': changed({ linesAdded: Number.MAX_SAFE_INTEGER }),
    'a size beyond its column': changed({ patchSizeBytes: Number.MAX_SAFE_INTEGER }),
    'a time to live beyond any date': changed({ patchTtlHours: Number.MAX_SAFE_INTEGER }),
    'half a surrogate pair': changed({ message: 'a\ud800b' }),
    'a NUL': changed({ message: 'a\0b' }),
    'a subject with too few tokens': {
      subject: `patchpoint.v1.checkpoint.created.${daemonId}`,
      payload: encode(good()),
    },
    'a subject of 3,400 characters': {
      subject: subjects.checkpointCreated(daemonId, randomBytes(1700).toString('hex')),
      payload: encode(good()),
    },
    'a subject that is no ASCII': {
      subject: subjects.checkpointCreated(daemonId, '\u{1f4a9}'.repeat(700)),
      payload: encode(good()),
    },
  };
}

function nestedIn(event: CheckpointCreated, depth: number): string {
  const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  return `${JSON.stringify(event).slice(0, -1)},"omissions":[${deep}],"deep":${deep}}`;
}
