import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects, type RpcName } from '#contracts';
import { eventually, queryOnce } from '#testing';
import { RPCS } from '../testing/rpc-names.js';
import { useConfinedStack } from '../testing/use-confined-stack.js';

describe('a daemon with an account of its own', () => {
  const stack = useConfinedStack();
  let worker: NatsConnection;
  /** Of worker-2: held by it, with a checkpoint; and one of the pool gold that nobody has claimed. */
  let held: string;
  let unclaimed: string;
  let patchId: string;

  beforeAll(async () => {
    worker = await stack.connectAs('worker-1');
    held = await stack.runTask({ daemonId: 'worker-1' });
    unclaimed = uuidv7();
    const gold = { name: 'gold', runner: 'shell', repoUrl: 'new://x', plan: 'true', pool: 'gold' };
    await stack.patchStore.createTask({ id: unclaimed, ...gold });
    // Whoever had it before, it is another's now.
    const [row] = (await queryOnce(
      stack.databaseUrl(),
      `WITH daemon AS (
         INSERT INTO daemons (id, pool, hostname, agent_version, max_tasks, started_at)
         VALUES ('worker-2', 'default', 'h', 'v', 1, now())
       ), attempt AS (
         UPDATE task_attempts SET daemon_id = 'worker-2' WHERE task_id = '${held}'
       ), task AS (
         UPDATE tasks SET daemon_id = 'worker-2', state = 'running', ended_at = NULL WHERE id = '${held}'
       )
       SELECT patch_id AS id FROM task_checkpoints WHERE task_id = '${held}'`,
    )) as { id: string }[];
    patchId = row!.id;
  });
  afterAll(() => worker?.close());

  describe('is refused in the name or the task of another:', () => {
    const rpc = async (name: RpcName, fields: object) => {
      const body = { schemaVersion: 1, eventId: uuidv7(), daemonId: 'worker-1', attempt: 1, ...fields };
      const answer = await worker.request(subjects.rpc('worker-1', name), encode(body), { timeout: 10_000 });
      return answer.json<object>();
    };
    const page = { limit: 1, offsetBytes: 0, lengthBytes: 1, checkpointNumber: 1, path: 'p' };
    const refused = (code: unknown) => ({ error: { code } });

    it.each(RPCS)('%s as worker-2', async (name) => {
      const answer = await rpc(name, { ...page, daemonId: 'worker-2', taskId: held, patchId: uuidv7() });
      expect(answer).toMatchObject(refused(expect.stringMatching(/^IDENTITY_MISMATCH|FIELD_INVALID|BAD_/)));
    });

    it.each<[RpcName, string]>([
      ['claim-task', 'TASK_ALREADY_CLAIMED'],
      ['latest-patch', 'IDENTITY_MISMATCH'],
      ['list-patches', 'IDENTITY_MISMATCH'],
      ['delete-patches', 'IDENTITY_MISMATCH'],
      ['get-patch', 'IDENTITY_MISMATCH'],
      ['read-patch-slice', 'IDENTITY_MISMATCH'],
      ['read-conversation', 'IDENTITY_MISMATCH'],
      ['list-checkpoints', 'IDENTITY_MISMATCH'],
      ['restorable-checkpoint', 'IDENTITY_MISMATCH'],
    ])('%s of a task of worker-2', async (name, code) => {
      expect(await rpc(name, { ...page, taskId: held, patchId })).toMatchObject(refused(code));
    });

    it('claim-task of another pool', async () => {
      expect(await rpc('claim-task', { taskId: unclaimed })).toMatchObject(refused('TASK_STATE_CONFLICT'));
    });

    it('a heartbeat that says another pool', async () => {
      const beat = (pool: string, hostname: string) =>
        worker.publish(
          subjects.heartbeat('default', 'worker-1'),
          encode({
            schemaVersion: 1,
            eventId: uuidv7(),
            daemonId: 'worker-1',
            pool,
            hostname,
            agentVersion: 'v',
            maxTasks: 1,
            tasks: [],
            startedAt: new Date().toISOString(),
          }),
        );
      beat('gold', 'first');
      beat('default', 'second');
      const daemon = await eventually(async () => {
        const found = (await stack.patchStore.daemons()).find(({ id }) => id === 'worker-1');
        expect(found?.hostname).toBe('second');
        return found!;
      });
      expect(daemon.pool).toBe('default');
    });

    it('a report, a checkpoint and output of it', async () => {
      const base = { schemaVersion: 1, daemonId: 'worker-1', taskId: held, attempt: 1 };
      const report = {
        ...base,
        eventId: uuidv7(),
        report: 'completed',
        exitCode: 0,
        reportedAt: new Date().toISOString(),
      };
      const checkpoint = {
        ...base,
        eventId: uuidv7(),
        sequence: 9,
        kind: 'manual',
        success: false,
        error: 'x',
        capturedAt: new Date().toISOString(),
        message: 'forged',
      };
      worker.publish(subjects.taskReported('worker-1', held), encode(report));
      worker.publish(subjects.checkpointCreated('worker-1', held), encode(checkpoint));
      worker.publish(subjects.output('worker-1', held), encode({ ...base, text: 'forged' }));
      await eventually(async () => {
        const codes: string[] = [];
        for await (const { subject, code } of stack.patchStore.deadLetters()) {
          if (subject.endsWith(held)) codes.push(code);
        }
        expect(codes).toEqual(['IDENTITY_MISMATCH', 'IDENTITY_MISMATCH']);
      });
      expect((await stack.patchStore.task(held)).state).toBe('running');
      expect(await stack.patchStore.checkpoints(held)).toHaveLength(1);
    });
  });
});
