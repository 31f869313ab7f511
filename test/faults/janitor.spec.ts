import { randomBytes } from 'node:crypto';
import { describe, expect } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import {
  compose,
  PatchSlice,
  ReadPatchSliceRequest,
  subjects,
  type PatchExpired,
  type SpawnTask,
  type TaskEvent,
} from '#contracts';
import { RpcClient } from '#messaging';
import { eventually, useStack } from '#testing';
import { fault } from '../testing/fault.js';
import { useRecorder } from '../testing/use-recorder.js';

const PATCHES = 300;
const LOST_TASKS = 60;

describe('the janitor', () => {
  const stack = useStack({
    ingestReplicas: 1,
    daemonIds: [],
    environment: {
      janitor: { PATCHPOINT_SWEEP_INTERVAL_SECONDS: '1', PATCHPOINT_WATCH_INTERVAL_SECONDS: '1' },
    },
  });
  const recorder = useRecorder(stack);

  /** Patches of an ended task, which expire when their time is over. */
  async function patchesOf(taskId: string, count: number, data: Buffer): Promise<void> {
    const { postgres } = recorder();
    await postgres.query(`UPDATE tasks SET state = 'completed' WHERE id = $1`, [taskId]);
    await postgres.query(
      `INSERT INTO checkpoint_patches (task_id, base_commit_sha, tree_sha, sha256, patch_data, patch_size_bytes,
                                       uncompressed_size_bytes, files_count, expires_at)
       SELECT $1, repeat('b', 40), repeat('e', 40), sha256($3), $3, octet_length($3), octet_length($3), 1, now() + interval '1 day'
         FROM generate_series(1, $2)`,
      [taskId, count, data],
    );
  }

  const expire = (taskId: string) =>
    recorder().postgres.query(
      `UPDATE checkpoint_patches SET expires_at = now() - interval '1 second' WHERE task_id = $1`,
      [taskId],
    );

  async function patchIdsOf(taskId: string): Promise<string[]> {
    const { rows } = await recorder().postgres.query<{ id: string }>(
      'SELECT id FROM checkpoint_patches WHERE task_id = $1 ORDER BY id',
      [taskId],
    );
    return rows.map(({ id }) => id);
  }

  /** Running tasks of a daemon that was last heard of an hour ago; another one lives. */
  async function tasksOfDeadDaemon(count: number): Promise<string[]> {
    const { postgres } = recorder();
    const { rows } = await postgres.query<{ id: string }>(
      `WITH listened AS (
         INSERT INTO heartbeat_listener (listening_since) VALUES (now() - interval '1 day')
             ON CONFLICT (id) DO UPDATE SET listening_since = EXCLUDED.listening_since
       ), known AS (
         INSERT INTO daemons (id, pool, hostname, agent_version, max_tasks, started_at, last_heartbeat_at)
         VALUES ('dead', 'default', 'host', '0.1.0', 100, now(), now() - interval '1 hour'),
                ('alive', 'default', 'host', '0.1.0', 100, now(), now())
       ), held AS (
         INSERT INTO tasks (name, plan, runner, repo_url, pool, daemon_id, state)
         SELECT 'lost', 'true', 'shell', 'new://lost', 'default', 'dead', 'running' FROM generate_series(1, $1)
         RETURNING id
       ), claimed AS (
         INSERT INTO task_attempts (task_id, attempt, cause, daemon_id, spawned_at, claimed_at)
         SELECT id, 1, 'request', 'dead', now() - interval '1 hour', now() - interval '1 hour' FROM held
       )
       SELECT id FROM held ORDER BY id`,
      [count],
    );
    return rows.map(({ id }) => id);
  }

  /** Three, with the first; those that run already stay. */
  async function startJanitors(): Promise<void> {
    const running = new Set(stack().apps.map(({ name }) => name));
    const missing = ['janitor-2', 'janitor-3'].filter((name) => !running.has(name));
    await Promise.all(missing.map((name) => stack().startService('janitor', name)));
  }

  fault('F24', 'three janitors sweep at once: each thing is swept once', async () => {
    const { nats, task } = recorder();
    await startJanitors();
    const taskId = await task();
    const announced: string[] = [];
    const connection = await nats.connection();
    connection.subscribe(subjects.event('*', taskId, 'patch-expired'), {
      callback: (_error, message) => void announced.push(message.json<PatchExpired>().patchId),
    });
    await connection.flush();
    await patchesOf(taskId, PATCHES, Buffer.from('diff'));
    const ids = await patchIdsOf(taskId);
    await expire(taskId);
    await eventually(async () => expect(await patchIdsOf(taskId)).toEqual([]), { timeoutMs: 60_000 });
    await eventually(() => expect(announced.toSorted()).toEqual(ids), { timeoutMs: 60_000 });
  });

  fault(
    'F24',
    'three janitors find a dead daemon: each of its tasks is lost once and goes on once',
    async () => {
      const { nats, postgres } = recorder();
      await startJanitors();
      const connection = await nats.connection();
      const [lost, spawned]: [string[], string[]] = [[], []];
      connection.subscribe(subjects.event('*', '*', 'task-lost'), {
        callback: (_error, message) => void lost.push(message.json<TaskEvent>().taskId),
      });
      connection.subscribe(subjects.poolSpawnTask('default'), {
        callback: (_error, message) => void spawned.push(message.json<SpawnTask>().taskId),
      });
      await connection.flush();
      const ids = await tasksOfDeadDaemon(LOST_TASKS);
      await eventually(() => expect(spawned.toSorted()).toEqual(ids), { timeoutMs: 60_000 });
      await eventually(() => expect(lost.toSorted()).toEqual(ids));
      const { rows } = await postgres.query(
        `SELECT attempt, cause, count(*)::int AS count FROM task_attempts WHERE task_id = ANY($1)
        GROUP BY attempt, cause ORDER BY attempt`,
        [ids],
      );
      expect(rows).toEqual([
        { attempt: 1, cause: 'request', count: LOST_TASKS },
        { attempt: 2, cause: 'resume', count: LOST_TASKS },
      ]);
    },
  );

  fault('F25', 'a patch is swept while a restore reads it: all of it, or a clear PATCH_EXPIRED', async () => {
    const { nats, task } = recorder();
    const taskId = await task();
    const data = randomBytes(1_300_000);
    await patchesOf(taskId, 1, data);
    const [patchId] = await patchIdsOf(taskId);
    const rpc = new RpcClient(nats);
    const read = async (offsetBytes: number): Promise<Buffer> => {
      const { data: slice } = await rpc.request(
        subjects.rpc('recorder', 'read-patch-slice'),
        compose(ReadPatchSliceRequest, {
          eventId: uuidv7(),
          daemonId: 'recorder',
          patchId: patchId!,
          offsetBytes,
          lengthBytes: 500_000,
        }),
        PatchSlice,
      );
      return Buffer.from(slice, 'base64');
    };
    expect((await read(0)).equals(data.subarray(0, 500_000))).toBe(true);
    await expire(taskId);
    await eventually(async () => expect(await patchIdsOf(taskId)).toEqual([]), { timeoutMs: 60_000 });
    await expect(read(500_000)).rejects.toMatchObject({ code: 'PATCH_EXPIRED' });
  });
});
