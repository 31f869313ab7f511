import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, RequestError, TimeoutError, type NatsConnection } from '@nats-io/transport-node';
import { v7 as uuidv7 } from 'uuid';
import { encode, inboxPrefix, subjects, type RpcName } from '#contracts';
import { eventually, queryOnce } from '#testing';
import { useConfinedStack } from '../testing/use-confined-stack.js';

const RPCS: RpcName[] = [
  'claim-task',
  'open-commands',
  'create-patch',
  'get-patch',
  'latest-patch',
  'list-patches',
  'delete-patches',
  'read-patch-slice',
  'read-conversation',
  'list-checkpoints',
  'restorable-checkpoint',
];

const JETSTREAM = [
  'INFO',
  'STREAM.LIST',
  'STREAM.NAMES',
  'STREAM.INFO.COMMANDS',
  'STREAM.INFO.BLOBS',
  'STREAM.CREATE.MINE',
  'STREAM.UPDATE.EVENTS',
  'STREAM.DELETE.EVENTS',
  'STREAM.PURGE.COMMANDS',
  'STREAM.MSG.GET.CHECKPOINTS',
  'STREAM.MSG.DELETE.CHECKPOINTS',
  'STREAM.SNAPSHOT.EVENTS',
  'STREAM.RESTORE.EVENTS',
  `DIRECT.GET.BLOBS.${subjects.blobChunk('worker-2', 'sha', 0)}`,
  'CONSUMER.LIST.COMMANDS',
  'CONSUMER.NAMES.COMMANDS',
  'CONSUMER.CREATE.EVENTS',
  'CONSUMER.DURABLE.CREATE.COMMANDS.daemon-worker-1-stop-task',
  `CONSUMER.CREATE.COMMANDS.daemon-worker-1-stop-task.${subjects.daemonCommand('worker-1', 'stop-task')}`,
  `CONSUMER.CREATE.COMMANDS.mine.${subjects.daemonCommand('worker-2', 'spawn-task')}`,
  'CONSUMER.DELETE.COMMANDS.daemon-worker-1-stop-task',
  'CONSUMER.INFO.COMMANDS.daemon-worker-2-spawn-task',
  'CONSUMER.INFO.CHECKPOINTS.checkpoint-ingest',
  'CONSUMER.MSG.NEXT.CHECKPOINTS.checkpoint-ingest',
  'CONSUMER.MSG.NEXT.COMMANDS.daemon-worker-2-spawn-task',
  'CONSUMER.MSG.NEXT.COMMANDS.pool-gold-spawn-task',
];

/** err_code of the server: JetStream is not enabled for this account. */
const NO_JETSTREAM = 10039;

type Answer = { error?: { err_code?: number } } | 'nobody' | 'silence';

const STREAM_NAMES = ['CHECKPOINTS', 'BLOBS', 'TASKS', 'COMMANDS', 'EVENTS', 'OUTPUT'];

describe('a daemon with an account of its own', () => {
  const stack = useConfinedStack();
  let worker: NatsConnection;
  let services: NatsConnection;
  let manager: JetStreamManager;
  /** Of worker-2: held by it, with a checkpoint; and one of the pool gold that nobody has claimed. */
  let held: string;
  let unclaimed: string;
  let patchId: string;

  beforeAll(async () => {
    const { port } = stack.nats;
    worker = await stack.connectAs('worker-1');
    services = await connect({ port, user: 'patch-store', pass: 'pw' });
    manager = await jetstreamManager(services, { checkAPI: false });
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
  afterAll(() => Promise.all([worker, services].map((connection) => connection?.close())));

  /** What a request gets: an answer, or that there is nobody who would. */
  async function ask(subject: string, body: string | Uint8Array = '{}'): Promise<Answer> {
    try {
      return (await worker.request(subject, body, { timeout: 2_000 })).json();
    } catch (error) {
      if (error instanceof RequestError && error.isNoResponders()) return 'nobody';
      if (error instanceof TimeoutError) return 'silence';
      throw error;
    }
  }

  describe('reaches nobody', () => {
    it.each([
      subjects.checkpointCreated('worker-2', 't'),
      subjects.blobChunk('worker-2', 'sha', 0),
      subjects.taskReported('worker-2', 't'),
      subjects.output('worker-2', 't'),
      subjects.heartbeat('default', 'worker-2'),
      subjects.heartbeat('gold', 'worker-1'),
      subjects.heartbeatWithoutPool('worker-1'),
      subjects.event('worker-2', 't', 'checkpoint-stored'),
      subjects.blobsMissing('worker-2', 't'),
      subjects.daemonCommand('worker-1', 'spawn-task'),
      subjects.daemonCommand('worker-2', 'stop-task'),
      subjects.poolSpawnTask('default'),
      subjects.poolSpawnTask('gold'),
      ...RPCS.map((name) => subjects.rpc('worker-2', name)),
      '$JS.ACK.COMMANDS.daemon-worker-2-spawn-task.1.1.1.1.0',
      '$JS.ACK.CHECKPOINTS.checkpoint-ingest.1.1.1.1.0',
      '$SYS.REQ.SERVER.PING',
    ])('on %s', async (subject) => {
      expect(await ask(subject)).toBe('nobody');
    });
  });

  describe('cannot ask JetStream for', () => {
    it.each(JETSTREAM)('%s', async (request) => {
      // Its own account has no JetStream, and of the services' it has only what it imports.
      const answer = await ask(`$JS.API.${request}`);
      if (answer !== 'silence') expect(answer).toMatchObject({ error: { err_code: NO_JETSTREAM } });
      expect(await ask(`$JS.patchpoint.API.${request}`)).toBe('nobody');
    });
  });

  /** What is in the streams, but for messages on subjects of worker-1. */
  async function ofOthers(): Promise<Record<string, unknown>> {
    const states = await Promise.all(
      STREAM_NAMES.map(async (name) => {
        const { state } = await manager.streams.info(name, { subjects_filter: '>' });
        const counts = Object.entries(state.subjects ?? {}).filter(
          ([subject]) => !subject.includes('.worker-1.'),
        );
        return [name, { counts: Object.fromEntries(counts) }];
      }),
    );
    return Object.fromEntries(states) as Record<string, unknown>;
  }

  describe('sends nothing by way of an answer', () => {
    const carriers = [
      subjects.checkpointCreated('worker-1', uuidv7()),
      subjects.blobChunk('worker-1', 'a'.repeat(64), 0),
      subjects.taskReported('worker-1', uuidv7()),
      subjects.output('worker-1', uuidv7()),
      subjects.rpc('worker-1', 'claim-task'),
      '$JS.patchpoint.API.CONSUMER.INFO.COMMANDS.daemon-worker-1-stop-task',
      '$JS.patchpoint.API.CONSUMER.MSG.NEXT.COMMANDS.daemon-worker-1-stop-task',
    ];
    const replies = [
      '$JS.API.STREAM.PURGE.EVENTS',
      '$JS.API.STREAM.DELETE.EVENTS',
      '$JS.patchpoint.API.STREAM.PURGE.EVENTS',
      subjects.checkpointCreated('worker-2', 't'),
      subjects.event('worker-2', 't', 'checkpoint-stored'),
      subjects.daemonCommand('worker-2', 'stop-task'),
      subjects.rpc('worker-2', 'delete-patches'),
      `${inboxPrefix('worker-2')}.x`,
      '_INBOX.x',
    ];

    it.each(replies)('to %s', async (reply) => {
      const before = await ofOthers();
      const heard: string[] = [];
      const listening = services.subscribe(reply.startsWith('$JS') ? '_INBOX.none' : '_INBOX.x', {
        callback: (_error, { subject }) => void heard.push(subject),
      });
      // Something to deliver, where the carrier is a pull.
      const order = { taskId: uuidv7(), attempt: 1, reason: 'x', daemonId: 'worker-1', schemaVersion: 1 };
      services.publish(
        subjects.daemonCommand('worker-1', 'stop-task'),
        encode({ ...order, eventId: uuidv7() }),
      );
      await services.flush();
      for (const carrier of carriers) worker.publish(carrier, '{}', { reply });
      await worker.flush();
      // What was sent before has been answered, by each of those who answer.
      for (const carrier of carriers.slice(0, 5)) await ask(carrier);
      expect(await ofOthers()).toEqual(before);
      expect(heard).toEqual([]);
      listening.unsubscribe();
    });
  });

  it('hears nothing that is not its own', async () => {
    const heard: string[] = [];
    worker.subscribe('>', {
      callback: (_error, { subject }) => {
        if (!subject.startsWith(inboxPrefix('worker-1'))) heard.push(subject);
      },
    });
    await worker.flush();
    const others = [
      subjects.event('worker-2', 't', 'checkpoint-stored'),
      subjects.daemonCommand('worker-2', 'stop-task'),
      subjects.poolSpawnTask('gold'),
      subjects.checkpointCreated('worker-2', 't'),
      subjects.taskReported('worker-2', 't'),
    ];
    for (const subject of others) services.publish(subject, '{}');
    services.publish(subjects.event('worker-1', 't', 'checkpoint-stored'), '{}');
    await services.flush();
    await eventually(() => expect(heard).toContain(subjects.event('worker-1', 't', 'checkpoint-stored')));
    expect(heard.filter((subject) => !subject.includes('.worker-1.'))).toEqual([]);
  });

  describe('is refused in the name or the task of another:', () => {
    const rpc = (name: RpcName, fields: object) => {
      const body = { schemaVersion: 1, eventId: uuidv7(), daemonId: 'worker-1', attempt: 1, ...fields };
      return ask(subjects.rpc('worker-1', name), encode(body));
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
