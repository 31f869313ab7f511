import { describe, expect, it } from '@jest/globals';
import { subjects } from '#contracts';
import { mayAnswer } from './may-answer.js';

describe('a request', () => {
  const subject = subjects.rpc('d1', 'claim-task');

  it.each(['_INBOX_d1.abc', '_INBOX_d1.abc.1', '_R_.pSVA6Z.Adynhx'])('is answered at %s', (reply) => {
    expect(mayAnswer({ subject, reply })).toBe(true);
  });

  it.each([
    undefined,
    '_INBOX.abc',
    '_INBOX_d2.abc',
    '_INBOX_d10.abc',
    '_INBOX_d1',
    '$JS.API.STREAM.PURGE.COMMANDS',
    '$JS.ACK.CHECKPOINTS.checkpoint-ingest.1.1.1.1.0',
    subjects.event('d2', 't', 'checkpoint-stored'),
    subjects.checkpointCreated('d2', 't'),
    subjects.rpc('d2', 'delete-patches'),
  ])('is not answered at %s', (reply) => {
    expect(mayAnswer({ subject, reply })).toBe(false);
  });
});
