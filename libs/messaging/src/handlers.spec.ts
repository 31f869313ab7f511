import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Logger, Module, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { v7 as uuidv7 } from 'uuid';
import {
  ClaimTaskReply,
  ClaimTaskRequest,
  compose,
  ContractError,
  decode,
  requireIdentity,
  subjects,
} from '#contracts';
import { eventually, useNats } from '#testing';
import {
  connectHandlers,
  Consume,
  ConsumedMessage,
  CONSUMERS,
  DeadLetters,
  Subscribe,
  JetStreamPublisher,
  MessagingModule,
  NatsClient,
  ReceivedMessage,
  Rpc,
  RpcClient,
  STREAMS,
  type Poison,
} from './index.js';

const server = useNats();

const heard: string[] = [];
const handled: string[] = [];
const deadLettered: string[] = [];

@Controller()
class ExampleController {
  @Rpc('claim-task')
  async claim(request: ReceivedMessage): Promise<ClaimTaskReply> {
    const body = decode(ClaimTaskRequest, request.data);
    requireIdentity(request.subject, body);
    if (body.attempt === 13)
      throw new ContractError('ATTEMPT_SUPERSEDED', 'Attempt 14 is current.', 'attempt');
    if (body.attempt === 500) throw new Error('password of the database in an error message');
    return { taskId: body.taskId, attempt: body.attempt };
  }

  @Subscribe(subjects.heartbeat('*', '*'))
  async heartbeat(message: ReceivedMessage): Promise<void> {
    heard.push(message.subject);
  }

  @Consume(CONSUMERS.taskReports)
  async report(message: ConsumedMessage): Promise<void> {
    const text = Buffer.from(message.data).toString();
    if (text === 'poison') throw new ContractError('BAD_JSON', 'no JSON');
    handled.push(text);
  }

  @DeadLetters(CONSUMERS.taskReports)
  async deadLetter({ message, error }: Poison): Promise<void> {
    deadLettered.push(`${error.code} ${message.subject}`);
  }
}

describe('the handlers of a Nest app', () => {
  let apps: INestApplication[];

  beforeEach(() => {
    Logger.overrideLogger(false);
    apps = [];
    for (const list of [heard, handled, deadLettered]) list.length = 0;
  });
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
  });

  async function start(name: string, ...controllers: Type[]): Promise<INestApplication> {
    const nats = { url: server.url, streamReplicas: 1 };
    const daemon = { daemonId: 'd1', pool: 'default' };
    @Module({
      imports: [MessagingModule.forRoot({ name, nats, ...(name === 'daemon-agent' && { daemon }) })],
      controllers,
    })
    class ExampleModule {}
    const app = await NestFactory.create(ExampleModule, { logger: false, abortOnError: false });
    apps.push(app);
    connectHandlers(app);
    await app.startAllMicroservices();
    await app.init();
    return app;
  }

  const claim = (fields: { daemonId: string; attempt: number }) =>
    compose(ClaimTaskRequest, { eventId: uuidv7(), taskId: uuidv7(), ...fields });

  describe('@Rpc', () => {
    const subject = subjects.rpc('d1', 'claim-task');
    let client: RpcClient;

    beforeEach(async () => {
      await start('patch-store', ExampleController);
      client = (await start('daemon-agent')).get(RpcClient);
      await eventually(() => client.request(subject, claim({ daemonId: 'd1', attempt: 1 }), ClaimTaskReply));
    });

    it('answers', async () => {
      const body = claim({ daemonId: 'd1', attempt: 2 });
      const reply = await client.request(subject, body, ClaimTaskReply);
      expect(reply).toBeInstanceOf(ClaimTaskReply);
      expect(reply).toEqual({ taskId: body.taskId, attempt: 2 });
    });

    it('refuses with a code, a reason and a path', async () => {
      const refused = client.request(subject, claim({ daemonId: 'd1', attempt: 13 }), ClaimTaskReply);
      await expect(refused).rejects.toBeInstanceOf(ContractError);
      await expect(refused).rejects.toMatchObject({
        code: 'ATTEMPT_SUPERSEDED',
        message: 'Attempt 14 is current.',
        path: 'attempt',
      });
    });

    it('refuses what is no JSON, and who speaks for another', async () => {
      const nats = apps[1]!.get(NatsClient);
      const reply = await (await nats.connection()).request(subject, '{');
      expect(reply.json()).toMatchObject({ error: { code: 'BAD_JSON' } });
      await expect(
        client.request(subject, claim({ daemonId: 'd2', attempt: 1 }), ClaimTaskReply),
      ).rejects.toMatchObject({ code: 'IDENTITY_MISMATCH' });
    });

    it('answers into no inbox but that of the daemon in the subject', async () => {
      const connection = await apps[1]!.get(NatsClient).connection();
      const answered: string[] = [];
      connection.subscribe('>', {
        callback: (_error, message) => {
          if (message.string().includes('error')) answered.push(message.subject);
        },
      });
      const replies = ['$JS.API.STREAM.PURGE.EVENTS', subjects.event('d2', 't', 'task-lost'), '_INBOX_d2.x'];
      for (const reply of replies) connection.publish(subject, '{', { reply });
      connection.publish(subject, '{', { reply: '_INBOX_d1.mine' });
      await eventually(() => expect(answered).toContain('_INBOX_d1.mine'));
      expect(answered).toEqual(['_INBOX_d1.mine']);
    });

    it('tells nothing about its own faults but that they are its own', async () => {
      const failing = client.request(subject, claim({ daemonId: 'd1', attempt: 500 }), ClaimTaskReply);
      await expect(failing).rejects.toMatchObject({ name: 'RpcUnavailableError' });
      await expect(failing).rejects.not.toThrow(/password/);
    });

    it('is known to be absent', async () => {
      const nobody = subjects.rpc('d1', 'list-patches');
      await expect(
        client.request(nobody, claim({ daemonId: 'd1', attempt: 1 }), ClaimTaskReply),
      ).rejects.toThrow(/no server of it is running/);
    });
  });

  it('hear each message in one replica only', async () => {
    await start('patch-store', ExampleController);
    await start('patch-store', ExampleController);
    const nats = (await start('daemon-agent')).get(NatsClient);
    const connection = await nats.connection();
    await eventually(async () => {
      await connection.request(subjects.rpc('d1', 'claim-task'), '{}'); // they listen
    });
    for (const daemon of ['d1', 'd2', 'd3']) connection.publish(subjects.heartbeat('default', daemon));
    await eventually(() => expect(heard).toHaveLength(3));
  });

  it('consume, and keep dead letters', async () => {
    const app = await start('patch-store', ExampleController);
    const subject = subjects.taskReported('d1', uuidv7());
    for (const text of ['one', 'poison', 'two']) {
      await app.get(JetStreamPublisher).publish(subject, Buffer.from(text));
    }
    await eventually(() => expect(handled.toSorted()).toEqual(['one', 'two']));
    await eventually(() => expect(deadLettered).toEqual([`BAD_JSON ${subject}`]));
  });

  it('leave nothing unsettled when the app is closed under load', async () => {
    const app = await start('patch-store', ExampleController);
    const observer = await start('observer');
    const publisher = observer.get(JetStreamPublisher);
    const subject = subjects.taskReported('d1', uuidv7());
    const publishing = Promise.all(
      Array.from({ length: 3_000 }, (_, index) =>
        publisher.publish(subject, Buffer.from(String(index)), { timeoutMilliseconds: 60_000 }),
      ),
    );
    await eventually(() => expect(handled.length).toBeGreaterThan(100));
    await app.close();
    await publishing;
    const manager = await observer.get(NatsClient).jetStreamManager();
    const consumer = await manager.consumers.info(STREAMS.tasks.name, 'patch-store');
    const { state } = await manager.streams.info(STREAMS.tasks.name);
    expect(consumer.num_ack_pending).toBe(0);
    expect(state.messages).toBe(3_000 - handled.length);
    await manager.streams.purge(STREAMS.tasks.name);
  });

  it('are complete, or the app does not start', async () => {
    @Controller()
    class WithoutDeadLetters {
      @Consume(CONSUMERS.taskReports)
      async report(_message: ConsumedMessage): Promise<void> {}
    }
    @Controller()
    class OfADaemon {
      @Consume(CONSUMERS.daemonStopTask)
      async stop(_message: ConsumedMessage): Promise<void> {}
    }
    await expect(start('patch-store', WithoutDeadLetters)).rejects.toThrow(/@DeadLetters\('task-reports'\)/);
    await expect(start('patch-store', ExampleController, WithoutDeadLetters)).rejects.toThrow(/Two methods/);
    await expect(start('patch-store', OfADaemon)).rejects.toThrow(/daemon-stop-task/);
  });

  it('let the app start, and stop, while NATS is away', async () => {
    await server.stop();
    try {
      const app = await start('patch-store', ExampleController);
      expect(app.get(NatsClient).isConnected()).toBe(false);
      await app.close();
    } finally {
      await server.restart();
    }
  });
});
