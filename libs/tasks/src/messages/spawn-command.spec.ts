import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  decode,
  encode,
  INLINE_PATCH_LIMIT_BYTES,
  SpawnTask,
  type Modes,
  type PatchFormat,
  JsonText,
} from '#contracts';
import type { SpawnCheckpoint, SpawnPatch } from './checkpoint-to-restore.js';
import { MAX_SPAWN_TASK_BYTES, spawnCommand, type SpawnableTask } from './spawn-command.js';

const eventId = '01978f6a-0000-7000-8000-000000000001';

const task: SpawnableTask = {
  id: '01978f6a-0000-7000-8000-0000000000aa',
  attempt: 2,
  name: 'Fix the tests',
  plan: 'Make them green.',
  runner: 'claude-code',
  unattended: null,
  repoUrl: 'https://example.com/a.git',
  baseBranch: null,
  targetBranch: null,
  setup: null,
  isSupervisor: false,
  conversationHistory: null,
  pool: 'default',
  requestedDaemonId: null,
  forkedFromTaskId: null,
  forkedFromCheckpointNumber: null,
};

function patchOf(data: Buffer | null, format: PatchFormat = 'git-diff'): SpawnPatch {
  return {
    id: `01978f6a-0000-7000-8000-0000000000${format === 'git-diff' ? 'bb' : 'cc'}`,
    format,
    sha256: 'd'.repeat(64),
    sizeBytes: data?.length ?? INLINE_PATCH_LIMIT_BYTES + 1,
    uncompressedSizeBytes: 1000,
    data,
  };
}

function checkpointOf(
  patch: SpawnPatch | null,
  bundle: SpawnPatch | null = null,
  fields: Partial<SpawnCheckpoint> = {},
): { checkpoint: SpawnCheckpoint } {
  return {
    checkpoint: {
      number: 7,
      attempt: 1,
      message: 'wip',
      commitSha: 'a'.repeat(40),
      branchName: 'topic',
      baseCommitSha: 'b'.repeat(40),
      treeSha: 'c'.repeat(40),
      filesCount: 3,
      modes: null,
      omissions: [],
      omissionsCount: 0,
      conversation: null,
      ageSeconds: 42,
      patch,
      bundle,
      ...fields,
    },
  };
}

/** As many as a checkpoint may have. */
function manyModes(): Modes {
  const paths = Array.from({ length: 800 }, (_, n) => `${n}`.padStart(37, 'p'));
  return { files: 0o600, executables: 0o700, folders: 0o700, exceptions: [{ mode: 0o400, paths }] };
}

describe('spawnCommand', () => {
  it('goes to the pool, or to the requested daemon', () => {
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

  it('includes conversation and patch on a resume', () => {
    const data = randomBytes(1000);
    const history = '[{ "role":"user",  "2":1e400 }]';
    const { message } = spawnCommand(
      eventId,
      { ...task, conversationHistory: history },
      checkpointOf(patchOf(data)),
    );
    expect(decode(SpawnTask, encode(message))).toMatchObject({
      resumeSession: true,
      conversationHistory: new JsonText(history),
      checkpointNumber: 7,
      checkpointAttempt: 1,
      checkpointAgeSeconds: 42,
      checkpointCommitSha: 'a'.repeat(40),
      checkpointBranchName: 'topic',
      checkpointMessage: 'wip',
      patchId: patchOf(data).id,
      patchBaseSha: 'b'.repeat(40),
      patchTreeSha: 'c'.repeat(40),
      patchData: data.toString('base64'),
      patchFilesCount: 3,
    });
  });

  it.each([null, { checkpoint: null }])('says how far the agent may act, if the task does (%j)', (resume) => {
    expect(spawnCommand(eventId, task, resume).message.unattended).toBeUndefined();
    const { message } = spawnCommand(eventId, { ...task, unattended: 'full' }, resume);
    expect(decode(SpawnTask, encode(message)).unattended).toBe('full');
  });

  it('resumes without a checkpoint when there is none', () => {
    const { message } = spawnCommand(eventId, task, { checkpoint: null });
    expect(message).toMatchObject({ resumeSession: true });
    expect(message.checkpointNumber).toBeUndefined();
  });

  it('names a patch that is too large for the message', () => {
    for (const patch of [patchOf(null), patchOf(randomBytes(INLINE_PATCH_LIMIT_BYTES + 1))]) {
      const { message } = spawnCommand(eventId, task, checkpointOf(patch));
      expect(message.patchData).toBeUndefined();
      expect(message).toMatchObject({ patchId: patch.id, patchSha256: patch.sha256 });
    }
  });

  it('includes the largest inline patch, unless plan and history leave no space', () => {
    const patch = patchOf(randomBytes(INLINE_PATCH_LIMIT_BYTES));
    const small = spawnCommand(eventId, task, checkpointOf(patch)).message;
    expect(small.patchData).toBeDefined();
    const large = spawnCommand(eventId, { ...task, plan: 'p'.repeat(900_000) }, checkpointOf(patch)).message;
    expect(large.patchData).toBeUndefined();
    expect(large.patchId).toBe(patch.id);
    expect(encode(large).length).toBeLessThan(MAX_SPAWN_TASK_BYTES);
  });

  it('names bundle and patch, each inline if it fits, the bundle first', () => {
    const bundle = patchOf(randomBytes(INLINE_PATCH_LIMIT_BYTES), 'git-bundle');
    const patch = patchOf(randomBytes(INLINE_PATCH_LIMIT_BYTES));
    const ids = { bundleId: bundle.id, patchId: patch.id, patchFormat: 'git-diff' };
    const carried = (planBytes: number) => {
      const planned = { ...task, plan: 'p'.repeat(planBytes) };
      const { message } = spawnCommand(eventId, planned, checkpointOf(patch, bundle));
      expect(decode(SpawnTask, encode(message))).toMatchObject(ids);
      expect(encode(message).length).toBeLessThanOrEqual(MAX_SPAWN_TASK_BYTES);
      return [message.bundleData !== undefined, message.patchData !== undefined];
    };
    expect(carried(100)).toEqual([true, true]);
    expect(carried(500_000)).toEqual([true, false]);
    expect(carried(900_000)).toEqual([false, false]);
  });

  it('accepts a bundle without a patch, and a patch without a bundle', () => {
    const bundle = patchOf(randomBytes(100), 'git-bundle');
    const alone = spawnCommand(eventId, task, checkpointOf(null, bundle)).message;
    expect(decode(SpawnTask, encode(alone))).toMatchObject({
      bundleId: bundle.id,
      bundleSizeBytes: 100,
      patchBaseSha: 'b'.repeat(40),
      patchFilesCount: 3,
    });
    expect(alone.patchId).toBeUndefined();
    expect(spawnCommand(eventId, task, checkpointOf(patchOf(null))).message.bundleId).toBeUndefined();
  });

  it('lists the omissions of the checkpoint, unless plan and history leave no space', () => {
    const omissions = Array.from({ length: 100 }, (_, n) => ({
      path: `${n}/${'x'.repeat(4000)}`,
      reason: 'r',
    }));
    const resume = checkpointOf(patchOf(randomBytes(10)), null, { omissions, omissionsCount: 200 });
    expect(spawnCommand(eventId, task, resume).message).toMatchObject({ omissions, omissionsCount: 200 });
    const large = spawnCommand(eventId, { ...task, plan: 'p'.repeat(900_000) }, resume).message;
    expect(large).toMatchObject({
      omissionsCount: 200,
      checkpointMessage: 'wip',
      patchData: expect.any(String),
    });
    expect(large.omissions).toBeUndefined();
  });

  it('never refuses a task because of its checkpoint, and stays below the limit of NATS', () => {
    const room = MAX_SPAWN_TASK_BYTES - encode(spawnCommand(eventId, task, null).message).length;
    const full = { ...task, plan: task.plan + 'p'.repeat(room) };
    const resume = checkpointOf(patchOf(randomBytes(10)), patchOf(randomBytes(10), 'git-bundle'), {
      branchName: '\u{1f33f}'.repeat(512),
      commitSha: 'a'.repeat(64),
      baseCommitSha: 'b'.repeat(64),
      treeSha: 'c'.repeat(64),
      modes: manyModes(),
    });
    const { message } = spawnCommand(eventId, full, resume);
    expect(decode(SpawnTask, encode(message))).toMatchObject({
      patchId: expect.any(String),
      modes: manyModes(),
    });
    expect(encode(message).length).toBeLessThan(1024 * 1024 - 4096);
  });

  it('refuses a task that does not fit in a message, and names what to shorten', () => {
    const plan = 'ü'.repeat(600_000);
    expect(() => spawnCommand(eventId, { ...task, plan }, null)).toThrow(
      expect.objectContaining({ code: 'FIELD_INVALID', path: 'plan' }),
    );
    const conversationHistory = `["${'h'.repeat(1_000_000)}"]`;
    expect(() => spawnCommand(eventId, { ...task, conversationHistory }, null)).toThrow(
      expect.objectContaining({ code: 'FIELD_INVALID', path: 'conversationHistory' }),
    );
  });
});
