import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import {
  subjects,
  type ConversationRefused,
  type TaskEvent,
  type TaskView,
  type WorktreeRestoreFailed,
  type WorktreeRestored,
} from '#contracts';
import { DeadLetter } from '#database';
import { eventually } from '#testing';
import { BASE_SHA, TREE_SHA } from '../../testing/seed.js';
import { useRunningPatchStore, useServers } from '../../testing/use-running-patch-store.js';

const servers = useServers();
const store = useRunningPatchStore(servers);
useRunningPatchStore(servers); // a replica: the two share requests and reports

const taskOf = async (taskId: string) => (await store.get<TaskView>(`/v1/tasks/${taskId}`)).body;

const eventsOf = async (taskId: string) =>
  (await store.messages<TaskEvent>('EVENTS', '')).filter((event) => event.taskId === taskId);

describe('reports', () => {
  it('carry a task from its start to its end, each step announced in order', async () => {
    const taskId = await store.claimedTask();
    const about = { daemonId: 'daemon-1', taskId, attempt: 1 };
    await store.report({ ...about, report: 'started', worktreePath: '/w/1', worktreeOrigin: 'fresh' });
    await store.report({ ...about, report: 'failed', exitCode: 3, reason: 'exit code 3' });
    await eventually(async () =>
      expect(await taskOf(taskId)).toMatchObject({
        state: 'failed',
        exitCode: 3,
        stateReason: 'exit code 3',
        worktreePath: '/w/1',
        startedAt: expect.any(String),
        endedAt: expect.any(String),
      }),
    );
    const events = await eventually(async () => {
      const events = await eventsOf(taskId);
      expect(events).toHaveLength(3);
      return events;
    });
    expect(events.map(({ kind, state, daemonId }) => [kind, state, daemonId])).toEqual([
      ['task-spawning', 'spawning', undefined],
      ['task-started', 'running', 'daemon-1'],
      ['task-failed', 'failed', 'daemon-1'],
    ]);
    expect(events[2]).toMatchObject({ exitCode: 3, reason: 'exit code 3' });
  });

  it('keep their order however short the process was', async () => {
    const taskIds = await Promise.all(Array.from({ length: 10 }, () => store.claimedTask()));
    await Promise.all(
      taskIds.map(async (taskId) => {
        const about = { daemonId: 'daemon-1', taskId, attempt: 1 };
        await store.report({ ...about, report: 'started' });
        await store.report({ ...about, report: 'completed', exitCode: 0 });
      }),
    );
    for (const taskId of taskIds) {
      const kinds = await eventually(async () => {
        const events = await eventsOf(taskId);
        expect(events).toHaveLength(3);
        return events.map(({ kind }) => kind);
      });
      expect(kinds).toEqual(['task-spawning', 'task-started', 'task-completed']);
    }
  });

  it('are counted once when they come twice', async () => {
    const taskId = await store.claimedTask();
    const about = { daemonId: 'daemon-1', taskId, attempt: 1 };
    for (let n = 0; n < 3; n++) await store.report({ ...about, report: 'started' });
    await eventually(async () => expect((await taskOf(taskId)).state).toBe('running'));
    for (let n = 0; n < 3; n++) await store.report({ ...about, report: 'completed', exitCode: 0 });
    await eventually(async () => expect((await taskOf(taskId)).state).toBe('completed'));
    await untilReportsAreSettled();
    await eventually(async () => expect(await eventsOf(taskId)).toHaveLength(3));
  });

  it('of an older attempt change nothing', async () => {
    const taskId = await store.claimedTask();
    await store.post(`/v1/tasks/${taskId}/resume`, { force: true });
    await store.report({ daemonId: 'daemon-1', taskId, attempt: 1, report: 'failed', exitCode: 1 });
    await untilReportsAreSettled();
    expect(await taskOf(taskId)).toMatchObject({ state: 'spawning', attempt: 2, exitCode: null });
    expect(await deadLettersOf(taskId)).toEqual([]);
  });

  it('of a restore become an event', async () => {
    const taskId = await store.claimedTask();
    const restored = {
      checkpointNumber: 4,
      treeSha: TREE_SHA,
      baseSha: BASE_SHA,
      patchFilesCount: 2,
      durationMilliseconds: 120,
      worktreePath: '/w/2',
      commitsCount: 3,
      checkpointAgeSeconds: 90,
      omissions: [{ path: 'huge', reason: 'too large' }],
      omissionsCount: 4,
      failedTries: ['checkpoint 4 from its git-bundle: damaged'],
    };
    await store.report({ daemonId: 'daemon-1', taskId, attempt: 1, report: 'restored', ...restored });
    await eventually(async () => {
      const events = await store.messages<WorktreeRestored>('EVENTS', `daemon-1.${taskId}.worktree-restored`);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({ taskId, attempt: 1, ...restored });
    });
    expect((await taskOf(taskId)).state).toBe('spawning');
  });

  it('of a failed restore become an event, and the attempt goes on', async () => {
    const taskId = await store.claimedTask();
    const failed = { checkpointNumber: 4, reason: 'BASE_MISSING: the source does not have the base commit' };
    await store.report({ daemonId: 'daemon-1', taskId, attempt: 1, report: 'restore-failed', ...failed });
    await eventually(async () => {
      const ending = `daemon-1.${taskId}.worktree-restore-failed`;
      const events = await store.messages<WorktreeRestoreFailed>('EVENTS', ending);
      expect(events).toMatchObject([{ taskId, attempt: 1, ...failed }]);
    });
    expect((await taskOf(taskId)).state).toBe('spawning');
  });

  it('of a conversation that is not continued become an event, once', async () => {
    const taskId = await store.claimedTask();
    const about = { daemonId: 'daemon-1', taskId, attempt: 1, eventId: uuidv7() };
    const refused = { ...about, reason: 'the program ended at once with exit code 1' };
    await store.report({ ...refused, report: 'conversation-refused' });
    await store.report({ ...refused, report: 'conversation-refused' });
    await eventually(async () => {
      const ending = `daemon-1.${taskId}.conversation-refused`;
      const events = await store.messages<ConversationRefused>('EVENTS', ending);
      expect(events).toMatchObject([{ taskId, attempt: 1, reason: refused.reason }]);
    });
    expect((await taskOf(taskId)).state).toBe('spawning');
  });

  it('of a daemon that gives a task back end the attempt, and the task can go on at once', async () => {
    const taskId = await store.claimedTask();
    const about = { daemonId: 'daemon-1', taskId, attempt: 1 };
    await store.report({ ...about, report: 'started' });
    await store.report({ ...about, report: 'released', reason: 'the daemon stops' });
    await eventually(async () =>
      expect(await taskOf(taskId)).toMatchObject({
        state: 'released',
        stateReason: 'the daemon stops',
        endedAt: expect.any(String),
      }),
    );
    await eventually(async () => expect((await eventsOf(taskId)).at(-1)?.kind).toBe('task-released'));
    expect(await store.post(`/v1/tasks/${taskId}/resume`)).toMatchObject({
      status: 202,
      body: { attempt: 2 },
    });
  });

  it('that can never be right become dead letters, and the others flow', async () => {
    const taskId = await store.claimedTask();
    const about = { daemonId: 'daemon-1', taskId, attempt: 1 };
    const stranger = { ...about, daemonId: 'stranger' };
    const unknownTask = uuidv7();
    await store.report({ ...stranger, report: 'started' });
    await store.report({ ...about, attempt: 7, report: 'started' });
    await store.report({ ...about, report: 'restored' });
    await store.report({ ...about, taskId: unknownTask, report: 'started' });
    await store.publish(subjects.taskReported('daemon-1', taskId), { schemaVersion: 99 });
    await store.report({ ...about, report: 'started' });
    await eventually(async () => expect((await taskOf(taskId)).state).toBe('running'));
    await untilReportsAreSettled();
    const codes = (await deadLettersOf(taskId)).map(({ code, path }) => [code, path]);
    expect(codes.sort()).toEqual([
      ['FIELD_INVALID', 'checkpointNumber'],
      ['IDENTITY_MISMATCH', 'daemonId'],
      ['TASK_STATE_CONFLICT', 'attempt'],
      ['UNSUPPORTED_VERSION', 'schemaVersion'],
    ]);
    const [letter] = await deadLettersOf(unknownTask);
    expect(letter).toMatchObject({
      code: 'TASK_NOT_FOUND',
      consumer: 'task-reports',
      daemonId: 'daemon-1',
      eventId: expect.any(String),
    });
  });

  it('on a subject that names no task become dead letters too, and are not delivered again', async () => {
    const taskId = await store.claimedTask();
    const subject = subjects.taskReported('daemon-1', '').replace(/\.$/, '');
    await store.publish(subject, { schemaVersion: 1, eventId: uuidv7(), daemonId: 'daemon-1', taskId });
    await eventually(async () =>
      expect(await store.database.manager.findBy(DeadLetter, { subject })).toMatchObject([
        { daemonId: null, taskId: null, deliveredCount: 1 },
      ]),
    );
    await untilReportsAreSettled();
  });
});

function deadLettersOf(taskId: string): Promise<DeadLetter[]> {
  return store.database.manager.findBy(DeadLetter, { taskId });
}

/** Until the consumer has nothing left to deliver and nothing unsettled. */
async function untilReportsAreSettled(): Promise<void> {
  const manager = await store.nats.jetStreamManager();
  await eventually(async () => {
    const consumer = await manager.consumers.info('TASKS', 'patch-store');
    expect(consumer).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
  });
}
