import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { compose, encode, subjects, TaskReported, type TaskView } from '#contracts';
import { DeadLetter, ParkedMessageRow } from '#database';
import { STREAMS } from '#messaging';
import { eventually } from '#testing';
import { useRunningPatchStore, useServers } from '../../testing/use-running-patch-store.js';

const servers = useServers();
const store = useRunningPatchStore(servers);

const untilSettled = () =>
  eventually(
    async () => {
      const manager = await store.nats.jetStreamManager();
      expect((await manager.streams.info(STREAMS.tasks.name)).state.messages).toBe(0);
      expect(await store.database.manager.count(ParkedMessageRow)).toBe(0);
    },
    { timeoutMs: 60_000 },
  );

describe('every report settles', () => {
  const report = (taskId: string, change: object): Uint8Array =>
    encode({
      ...compose(TaskReported, {
        eventId: uuidv7(),
        daemonId: 'daemon-1',
        taskId,
        attempt: 1,
        report: 'failed',
        reportedAt: new Date().toISOString(),
      }),
      ...change,
    });

  it.each([
    ['an exit code beyond its column', { exitCode: Number.MAX_SAFE_INTEGER }],
    ['a key `constructor`', { constructor: { name: 'x' } }],
    ['a NUL', { reason: 'a\0b' }],
  ])('%s', async (_, change) => {
    const taskId = await store.claimedTask();
    const connection = await store.nats.connection();
    connection.publish(subjects.taskReported('daemon-1', taskId), report(taskId, change));
    await connection.flush();
    await untilSettled();
  });

  it.each([
    ['no JSON', subjects.taskReported('daemon-1', uuidv7()), '{'],
    [
      'nested 3,000 deep',
      subjects.taskReported('daemon-1', uuidv7()),
      `${'['.repeat(3000)}${']'.repeat(3000)}`,
    ],
    ['a subject with too few tokens', 'patchpoint.v1.task.reported.daemon-1', '{}'],
    ['a subject of 3,400 characters', subjects.taskReported('daemon-1', 'x'.repeat(3400)), '{}'],
  ])('%s', async (_, subject, payload) => {
    const before = await store.database.manager.count(DeadLetter);
    const connection = await store.nats.connection();
    connection.publish(subject, Buffer.from(payload));
    await connection.flush();
    await eventually(async () => expect(await store.database.manager.count(DeadLetter)).toBe(before + 1));
    await untilSettled();
  });

  it('600 that came too early do not keep another waiting', async () => {
    const early = await store.claimedTask();
    const good = await store.claimedTask();
    const connection = await store.nats.connection();
    for (let index = 0; index < 600; index++) {
      const completed = report(early, { report: 'completed', exitCode: 0 });
      connection.publish(subjects.taskReported('daemon-1', early), completed);
    }
    await connection.flush();
    await store.report({ daemonId: 'daemon-1', taskId: good, attempt: 1, report: 'started' });
    await eventually(async () =>
      expect((await store.get<TaskView>(`/v1/tasks/${good}`)).body.state).toBe('running'),
    );
    await untilSettled();
  }, 90_000);
});
