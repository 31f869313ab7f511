import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { requireIdentity, subjectIdentity, subjects } from './subjects.js';

describe('subjects', () => {
  const taskId = uuidv7();

  it.each([
    [subjects.checkpointCreated('d1', taskId), { daemonId: 'd1', taskId }],
    [subjects.taskReported('d1', taskId), { daemonId: 'd1', taskId }],
    [subjects.event('d1', taskId, 'checkpoint-stored'), { daemonId: 'd1', taskId }],
    [subjects.output('d1', taskId), { daemonId: 'd1', taskId }],
    [subjects.rpc('d1', 'claim-task'), { daemonId: 'd1' }],
    [subjects.blobChunk('d1', 'ab', 3), { daemonId: 'd1' }],
    [subjects.heartbeatWithoutPool('d1'), { daemonId: 'd1' }],
    [subjects.heartbeat('gold', 'd1'), { daemonId: 'd1', pool: 'gold' }],
  ])('%s names its daemon and task', (subject, identity) => {
    expect(subjectIdentity(subject)).toEqual(identity);
  });

  it('refuses a body that speaks for another daemon, task or pool', () => {
    const subject = subjects.checkpointCreated('d1', taskId);
    const mismatch = expect.objectContaining({ code: 'IDENTITY_MISMATCH' });
    expect(() => requireIdentity(subject, { daemonId: 'd2', taskId })).toThrow(mismatch);
    expect(() => requireIdentity(subject, { daemonId: 'd1', taskId: uuidv7() })).toThrow(mismatch);
    expect(() => requireIdentity('elsewhere.d1', { daemonId: 'd1' })).toThrow(mismatch);
    requireIdentity(subject, { daemonId: 'd1', taskId });
    const heartbeat = subjects.heartbeat('default', 'd1');
    expect(() => requireIdentity(heartbeat, { daemonId: 'd1', pool: 'gold' })).toThrow(mismatch);
    requireIdentity(heartbeat, { daemonId: 'd1', pool: 'default' });
  });
});
