import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decode, encode, INLINE_PATCH_LIMIT_BYTES, SpawnTask } from '#contracts';
import { MAX_SPAWN_TASK_BYTES, spawnCommand, type SpawnableTask, type SpawnPatch } from './spawn-command.js';

const eventId = '01978f6a-0000-7000-8000-000000000001';

const task: SpawnableTask = {
  id: '01978f6a-0000-7000-8000-0000000000aa',
  attempt: 2,
  name: 'Fix the tests',
  plan: 'Make them green.',
  runner: 'claude-code',
  repoUrl: 'https://example.com/a.git',
  baseBranch: null,
  targetBranch: null,
  isSupervisor: false,
  conversationHistory: null,
  pool: 'default',
  requestedDaemonId: null,
};

function patchOf(data: Buffer | null): SpawnPatch {
  return {
    id: '01978f6a-0000-7000-8000-0000000000bb',
    checkpointNumber: 7,
    checkpointAttempt: 1,
    format: 'git-diff',
    baseCommitSha: 'b'.repeat(40),
    treeSha: 'c'.repeat(40),
    sha256: 'd'.repeat(64),
    sizeBytes: data?.length ?? INLINE_PATCH_LIMIT_BYTES + 1,
    uncompressedSizeBytes: 1000,
    filesCount: 3,
    ageSeconds: 42,
    data,
  };
}

describe('spawnCommand', () => {
  it('goes to the pool, or to the one daemon that was asked for', () => {
    expect(spawnCommand(eventId, task, null).subject).toBe('patchpoint.v1.command.pool.default.spawn-task');
    expect(spawnCommand(eventId, { ...task, requestedDaemonId: 'daemon-2' }, null).subject).toBe(
      'patchpoint.v1.command.daemon.daemon-2.spawn-task',
    );
  });

  it('starts a first spawn without a session to resume', () => {
    const { message } = spawnCommand(eventId, task, null);
    expect(message).toMatchObject({ taskId: task.id, attempt: 2, taskName: task.name, resumeSession: false });
    expect(message.patchId).toBeUndefined();
    expect(Object.keys(JSON.parse(Buffer.from(encode(message)).toString()))).not.toContain('baseBranch');
  });

  it('hands over conversation and patch on a resume', () => {
    const data = randomBytes(1000);
    const history = [{ role: 'user', content: 'hello' }];
    const { message } = spawnCommand(
      eventId,
      { ...task, conversationHistory: history },
      { patch: patchOf(data) },
    );
    expect(decode(SpawnTask, encode(message))).toMatchObject({
      resumeSession: true,
      conversationHistory: history,
      checkpointNumber: 7,
      checkpointAttempt: 1,
      checkpointAgeSeconds: 42,
      patchId: patchOf(data).id,
      patchBaseSha: 'b'.repeat(40),
      patchTreeSha: 'c'.repeat(40),
      patchData: data.toString('base64'),
      patchFilesCount: 3,
    });
  });

  it('resumes without a patch when there is none', () => {
    const { message } = spawnCommand(eventId, task, { patch: null });
    expect(message).toMatchObject({ resumeSession: true });
    expect(message.checkpointNumber).toBeUndefined();
  });

  it('names a patch that is too large to ride along', () => {
    for (const patch of [patchOf(null), patchOf(randomBytes(INLINE_PATCH_LIMIT_BYTES + 1))]) {
      const { message } = spawnCommand(eventId, task, { patch });
      expect(message.patchData).toBeUndefined();
      expect(message).toMatchObject({ patchId: patch.id, patchSha256: patch.sha256 });
    }
  });

  it('takes the largest inline patch along, unless plan and history leave no room', () => {
    const patch = patchOf(randomBytes(INLINE_PATCH_LIMIT_BYTES));
    const small = spawnCommand(eventId, task, { patch }).message;
    expect(small.patchData).toBeDefined();
    const large = spawnCommand(eventId, { ...task, plan: 'p'.repeat(900_000) }, { patch }).message;
    expect(large.patchData).toBeUndefined();
    expect(large.patchId).toBe(patch.id);
    expect(encode(large).length).toBeLessThan(MAX_SPAWN_TASK_BYTES);
  });

  it('refuses a task that fits into no message, and says what to shorten', () => {
    const plan = 'ü'.repeat(600_000);
    expect(() => spawnCommand(eventId, { ...task, plan }, null)).toThrow(
      expect.objectContaining({ code: 'FIELD_INVALID', path: 'plan' }),
    );
    const conversationHistory = ['h'.repeat(1_000_000)];
    expect(() => spawnCommand(eventId, { ...task, conversationHistory }, null)).toThrow(
      expect.objectContaining({ code: 'FIELD_INVALID', path: 'conversationHistory' }),
    );
  });
});
