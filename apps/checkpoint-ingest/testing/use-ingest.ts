import { afterAll, beforeAll, expect } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { encode, subjects, type CheckpointCreated } from '#contracts';
import { Database, insertTask, listCheckpoints, ParkedMessageRow, type TaskCheckpoint } from '#database';
import { BlobStore, JetStreamPublisher, NatsClient, STREAMS, Topology } from '#messaging';
import { eventually, useDatabase, useNats } from '#testing';
import { startReplica } from './fixtures.js';

/**
 * Four replicas of the app for the spec file that calls this at its top level, and the means to talk to them
 * from outside.
 */
export function useIngest(): Ingest {
  const postgres = useDatabase();
  const server = useNats();
  const ingest = new Ingest();
  beforeAll(() => ingest.start({ databaseUrl: postgres.url, natsUrl: server.url }));
  afterAll(() => ingest.stop());
  return ingest;
}

class Ingest {
  database!: Database;
  nats!: NatsClient;
  publisher!: JetStreamPublisher;
  blobs!: BlobStore;
  replicas: INestApplication[] = [];
  /** Everything that was announced or sent to a task's output. */
  readonly events: { subject: string; body: Record<string, unknown> }[] = [];

  async start(servers: { databaseUrl: string; natsUrl: string }): Promise<void> {
    this.database = new Database({
      databaseUrl: servers.databaseUrl,
      applicationName: 'spec',
      poolSize: 4,
    });
    await this.database.connected();
    this.nats = new NatsClient({ url: servers.natsUrl }, 'spec');
    const topology = new Topology(this.nats, 1);
    await topology.ensureStreams();
    this.publisher = new JetStreamPublisher(this.nats, topology);
    this.blobs = new BlobStore(this.nats, this.publisher);
    const connection = await this.nats.connection();
    for (const subject of [subjects.event('*', '*', '*'), subjects.output('*', '*')]) {
      connection.subscribe(subject, {
        callback: (_error, message) => {
          this.events.push({ subject: message.subject, body: message.json() });
        },
      });
    }
    this.replicas = await Promise.all([1, 2, 3, 4].map(() => startReplica(servers)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.replicas.map((app) => app.close()));
    await this.nats.close();
    await this.database.onApplicationShutdown();
  }

  async aRunningTask(attempt = 1, daemonId = 'daemon-1'): Promise<string> {
    const id = uuidv7();
    const task = { id, name: 'n', plan: 'p', runner: 'shell', repoUrl: 'new://a', pool: 'default' };
    await insertTask(this.database.manager, { ...task, state: 'running', attempt, daemonId });
    return id;
  }

  readonly send = (event: CheckpointCreated): Promise<unknown> =>
    this.publisher.publish(subjects.checkpointCreated(event.daemonId, event.taskId), encode(event));

  told<Body = Record<string, unknown>>(kind: string, eventId: string): Body[] {
    return this.events
      .filter(({ subject, body }) => subject.endsWith(kind) && body['checkpointEventId'] === eventId)
      .map(({ body }) => body as Body);
  }

  async stored(taskId: string, count: number): Promise<TaskCheckpoint[]> {
    return eventually(async () => {
      const checkpoints = await listCheckpoints(this.database.manager, taskId, { limit: 1000 });
      expect(checkpoints).toHaveLength(count);
      return checkpoints.toReversed();
    });
  }

  async checkpointsOf(taskId: string): Promise<number> {
    return (await listCheckpoints(this.database.manager, taskId, { limit: 1000 })).length;
  }

  async chunksLeft(): Promise<number> {
    const manager = await this.nats.jetStreamManager();
    return (await manager.streams.info(STREAMS.blobs.name)).state.messages;
  }

  /** Messages that the consumer still holds, delivered or not. */
  async pending(): Promise<number> {
    const manager = await this.nats.jetStreamManager();
    const { num_ack_pending, num_pending } = await manager.consumers.info('CHECKPOINTS', 'checkpoint-ingest');
    return num_ack_pending + num_pending;
  }

  /** Messages of a daemon that wait aside. */
  parked(daemonId: string): Promise<number> {
    return this.database.manager.countBy(ParkedMessageRow, { daemonId });
  }
}
