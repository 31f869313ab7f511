import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects } from '#contracts';
import { eventually, useDatabase, useNats } from '#testing';
import { RunningPatchStore } from '../../spec-support/running-patch-store.js';
import type { DaemonView } from './daemons.controller.js';

const postgres = useDatabase();
const server = useNats();
let store: RunningPatchStore;

beforeAll(async () => {
  store = await RunningPatchStore.start({ databaseUrl: postgres.url, natsUrl: server.url });
});
afterAll(async () => {
  await store.stop();
});

const heartbeat = (daemonId: string, fields: object = {}) => ({
  schemaVersion: 1,
  eventId: uuidv7(),
  daemonId,
  pool: 'default',
  hostname: 'worker-1',
  agentVersion: '0.1.0',
  maxTasks: 4,
  tasks: [],
  // A day off: only the database's clock decides who is alive.
  startedAt: new Date(Date.now() - 86_400_000).toISOString(),
  ...fields,
});

async function beat(subject: string, message: object): Promise<void> {
  const connection = await store.nats.connection();
  connection.publish(subject, encode(message));
  await connection.flush();
}

async function daemon(id: string): Promise<DaemonView | undefined> {
  const { body } = await store.get<{ daemons: DaemonView[] }>('/v1/daemons');
  return body.daemons.find((daemon) => daemon.id === id);
}

describe('GET /v1/daemons', () => {
  it('shows each daemon as its last heartbeat said', async () => {
    const task = { taskId: uuidv7(), attempt: 2 };
    await beat(subjects.heartbeat('worker-a'), heartbeat('worker-a'));
    await eventually(async () =>
      expect(await daemon('worker-a')).toMatchObject({ state: 'alive', tasks: [] }),
    );
    await beat(subjects.heartbeat('worker-a'), heartbeat('worker-a', { pool: 'gpu', tasks: [task] }));
    await eventually(async () =>
      expect(await daemon('worker-a')).toMatchObject({ pool: 'gpu', maxTasks: 4, tasks: [task] }),
    );
  });

  it('counts one that was silent for 120 s as dead, until it is heard again', async () => {
    await beat(subjects.heartbeat('worker-b'), heartbeat('worker-b'));
    await eventually(async () => expect(await daemon('worker-b')).toBeDefined());
    const silence = (seconds: number) =>
      store.database.manager.query(
        `UPDATE daemons SET last_heartbeat_at = now() - make_interval(secs => $1) WHERE id = 'worker-b'`,
        [seconds],
      );
    await silence(110);
    expect((await daemon('worker-b'))?.state).toBe('alive');
    await silence(120);
    expect((await daemon('worker-b'))?.state).toBe('dead');
    await beat(subjects.heartbeat('worker-b'), heartbeat('worker-b'));
    await eventually(async () => expect((await daemon('worker-b'))?.state).toBe('alive'));
  });

  it('does not believe a heartbeat in the name of another', async () => {
    await beat(subjects.heartbeat('liar'), heartbeat('victim'));
    await beat(subjects.heartbeat('liar'), { schemaVersion: 1 });
    await beat(subjects.heartbeat('honest'), heartbeat('honest'));
    await eventually(async () => expect(await daemon('honest')).toBeDefined());
    expect(await daemon('victim')).toBeUndefined();
  });
});
