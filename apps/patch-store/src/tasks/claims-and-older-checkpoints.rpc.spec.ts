import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { CheckpointList, ClaimTaskReply, RestorableCheckpointReply, type TaskView } from '#contracts';
import { BASE_SHA, seedCheckpoint, TREE_SHA } from '../../testing/seed.js';
import { useRunningPatchStore, useServers } from '../../testing/use-running-patch-store.js';

const servers = useServers();
const store = useRunningPatchStore(servers);
useRunningPatchStore(servers); // a replica: the two share requests and reports

const taskOf = async (taskId: string) => (await store.get<TaskView>(`/v1/tasks/${taskId}`)).body;

describe('claim-task', () => {
  it('goes to one of many daemons that ask at once, and to that one again', async () => {
    const taskId = await store.createTask();
    const daemons = Array.from({ length: 8 }, (_, n) => `racer-${n}`);
    const outcomes = await Promise.allSettled(daemons.map((daemonId) => store.claim(taskId, daemonId)));
    const winners = daemons.filter((_, n) => outcomes[n]!.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'TASK_ALREADY_CLAIMED' });
    }
    await expect(store.claim(taskId, winners[0]!)).resolves.toEqual({ taskId, attempt: 1 });
    expect((await taskOf(taskId)).daemonId).toBe(winners[0]);
  });

  it('is refused for an older attempt, one that was never spawned, and an unknown task', async () => {
    const taskId = await store.claimedTask();
    await store.post(`/v1/tasks/${taskId}/resume`);
    await expect(store.claim(taskId, 'daemon-1', 1)).rejects.toMatchObject({ code: 'ATTEMPT_SUPERSEDED' });
    await expect(store.claim(taskId, 'daemon-1', 3)).rejects.toMatchObject({ code: 'TASK_STATE_CONFLICT' });
    await expect(store.claim(uuidv7(), 'daemon-1')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    await expect(store.claim(taskId, 'daemon-2', 2)).resolves.toEqual({ taskId, attempt: 2 });
    expect((await store.get<string>('/metrics')).body).toMatch(
      /patchpoint_claims_refused_total\{code="ATTEMPT_SUPERSEDED"\} [1-9]/,
    );
  });

  it('is refused to a daemon that speaks in the name of another', async () => {
    const taskId = await store.createTask();
    const fields = { taskId, attempt: 1, daemonId: 'someone-else' };
    await expect(store.ask('daemon-1', 'claim-task', fields, ClaimTaskReply)).rejects.toMatchObject({
      code: 'IDENTITY_MISMATCH',
    });
  });
});

describe('list-checkpoints', () => {
  it('lists those of a task, newest first and page by page, for the daemon that holds it', async () => {
    const taskId = await store.claimedTask();
    for (const number of [1, 2, 3]) await seedCheckpoint(store.database, { taskId, number });
    const list = (page: object, daemonId = 'daemon-1') =>
      store.ask(daemonId, 'list-checkpoints', { taskId, attempt: 1, ...page }, CheckpointList);
    const { checkpoints } = await list({ limit: 2 });
    expect(checkpoints).toMatchObject([
      { number: 3, kind: 'heartbeat', message: 'checkpoint 3', filesChanged: 1, hasPatch: true },
      { number: 2 },
    ]);
    expect(await list({ limit: 2, beforeNumber: 2 })).toMatchObject({ checkpoints: [{ number: 1 }] });
    await expect(list({ limit: 51 })).rejects.toMatchObject({ code: 'FIELD_INVALID' });
    await expect(list({ limit: 2 }, 'daemon-2')).rejects.toMatchObject({ code: 'IDENTITY_MISMATCH' });
  });
});

describe('the checkpoint before one that cannot be restored', () => {
  const before = (taskId: string, beforeNumber: number, attempt = 1, daemonId = 'daemon-1') =>
    store.ask(
      daemonId,
      'restorable-checkpoint',
      { taskId, attempt, beforeNumber },
      RestorableCheckpointReply,
    );

  it('is the next older one that is not superseded, down to none', async () => {
    const taskId = await store.claimedTask();
    const first = await seedCheckpoint(store.database, { taskId, number: 1, message: 'first' });
    await seedCheckpoint(store.database, { taskId, number: 2, patchData: null });
    // Sent late: its number is high, its place in the work is early.
    const late = await seedCheckpoint(store.database, { taskId, number: 3, sequence: 2 });
    await seedCheckpoint(store.database, { taskId, number: 4, superseded: true });
    await seedCheckpoint(store.database, { taskId, number: 5 });

    expect(await before(taskId, 5)).toMatchObject({ checkpointNumber: 3, patchSha256: late.sha256 });
    expect(await before(taskId, 3)).toMatchObject({
      checkpointNumber: 1,
      checkpointMessage: 'first',
      patchBaseSha: BASE_SHA,
      patchTreeSha: TREE_SHA,
      patchSha256: first.sha256,
      patchData: first.patchData.toString('base64'),
    });
    expect(await before(taskId, 1)).toEqual({});
    expect(await before(taskId, 99)).toEqual({});
  });

  it('is the newest, the one that is asked for, or the newest with other files', async () => {
    const taskId = await store.claimedTask();
    for (const number of [1, 2, 3]) await seedCheckpoint(store.database, { taskId, number });
    await store.database.manager.query(
      `UPDATE task_checkpoints SET tree_sha = repeat('a', 40) WHERE task_id = $1 AND number = 1`,
      [taskId],
    );
    const find = (wanted: object) =>
      store.ask(
        'daemon-1',
        'restorable-checkpoint',
        { taskId, attempt: 1, ...wanted },
        RestorableCheckpointReply,
      );
    expect(await find({})).toMatchObject({ checkpointNumber: 3 });
    expect(await find({ onlyNumber: 2 })).toMatchObject({ checkpointNumber: 2 });
    expect(await find({ onlyNumber: 9 })).toEqual({});
    expect(await find({ otherThanTreeSha: TREE_SHA })).toMatchObject({ checkpointNumber: 1 });
    expect(await find({ otherThanTreeSha: TREE_SHA, beforeNumber: 1 })).toEqual({});
  });

  it('is told to nobody but the daemon that holds the attempt', async () => {
    const taskId = await store.claimedTask();
    await seedCheckpoint(store.database, { taskId, number: 1 });
    await expect(before(taskId, 2, 1, 'daemon-2')).rejects.toMatchObject({ code: 'IDENTITY_MISMATCH' });
    await expect(before(taskId, 2, 2)).rejects.toMatchObject({ code: 'TASK_STATE_CONFLICT' });
    await expect(before(uuidv7(), 2)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    await store.post(`/v1/tasks/${taskId}/resume`, { force: true });
    await expect(before(taskId, 2)).rejects.toMatchObject({ code: 'ATTEMPT_SUPERSEDED' });
  });
});
