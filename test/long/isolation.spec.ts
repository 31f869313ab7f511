import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, RequestError, TimeoutError, type NatsConnection } from '@nats-io/transport-node';
import { v7 as uuidv7 } from 'uuid';
import { encode, inboxPrefix, subjects } from '#contracts';
import { eventually } from '#testing';
import { RPCS } from '../testing/rpc-names.js';
import { useConfinedStack } from '../testing/use-confined-stack.js';

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
  beforeAll(async () => {
    const { port } = stack.nats;
    worker = await stack.connectAs('worker-1');
    services = await connect({ port, user: 'patch-store', pass: 'pw' });
    manager = await jetstreamManager(services, { checkAPI: false });
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
});
