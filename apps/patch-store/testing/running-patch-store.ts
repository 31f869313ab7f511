import { expect } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import {
  ClaimTaskReply,
  encode,
  inboxPrefix,
  subjects,
  type DaemonHeartbeat,
  type RpcName,
  type TaskReported,
} from '#contracts';
import { Database } from '#database';
import { JetStreamPublisher, NatsClient, RpcClient, Topology } from '#messaging';
import { eventually } from '#testing';
import { readPatchStoreConfig } from '../src/patch-store.config.js';
import { patchStore } from '../src/patch-store.app.js';

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface Places {
  databaseUrl: string;
  natsUrl: string;
  apiToken?: string;
  /** How many event streams may be open. */
  eventStreams?: number;
}

/**
 * A real patch-store that listens on a port, and what a test needs to talk to it from outside. Its parts
 * exist once it is started.
 */
export class RunningPatchStore {
  app!: INestApplication;
  url!: string;
  database!: Database;
  nats!: NatsClient;
  /** The connections of daemons, by their ids. */
  private readonly daemons = new Map<string, NatsClient>();
  private natsUrl!: string;
  private publisher!: JetStreamPublisher;

  async start({ databaseUrl, natsUrl, apiToken, eventStreams }: Places): Promise<this> {
    const config = readPatchStoreConfig({
      DATABASE_URL: databaseUrl,
      NATS_URL: natsUrl,
      PATCHPOINT_LOG_LEVEL: 'silent',
      PATCHPOINT_API_TOKEN: apiToken,
      PATCHPOINT_EVENT_STREAMS: eventStreams?.toString(),
    });
    this.app = await NestFactory.create(await patchStore.module(config), { logger: false });
    await patchStore.configure?.(this.app, config);
    await this.app.startAllMicroservices();
    await this.app.listen(0, '127.0.0.1');
    this.url = await this.app.getUrl();
    this.database = new Database({ databaseUrl, applicationName: 'spec', poolSize: 4 });
    await this.database.connected();
    this.nats = new NatsClient({ url: natsUrl }, 'spec');
    const topology = new Topology(this.nats, 1);
    await topology.ensureStreams();
    this.publisher = new JetStreamPublisher(this.nats, topology);
    this.natsUrl = natsUrl;
    return this;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await Promise.all([this.nats, ...this.daemons.values()].map((client) => client.close()));
    await this.database.onApplicationShutdown();
  }

  get<Body = Record<string, unknown>>(path: string, headers?: Record<string, string>): Promise<Answer<Body>> {
    return this.request('GET', path, undefined, headers);
  }

  post<Body = Record<string, unknown>>(
    path: string,
    body: unknown = {},
    headers?: Record<string, string>,
  ): Promise<Answer<Body>> {
    return this.request('POST', path, body, headers);
  }

  put<Body = Record<string, unknown>>(path: string, body: unknown): Promise<Answer<Body>> {
    return this.request('PUT', path, body);
  }

  delete<Body = Record<string, unknown>>(path: string): Promise<Answer<Body>> {
    return this.request('DELETE', path);
  }

  /** Creates a task and returns its id. */
  async createTask(fields: Record<string, unknown> = {}): Promise<string> {
    const { status, body } = await this.post<{ id: string }>('/v1/tasks', { ...aTask, ...fields });
    if (status !== 201) throw new Error(`POST /v1/tasks: ${status} ${JSON.stringify(body)}`);
    return body.id;
  }

  async claimedTask(daemonId = 'daemon-1'): Promise<string> {
    const taskId = await this.createTask();
    await this.claim(taskId, daemonId);
    return taskId;
  }

  /** Makes a task that the daemon has claimed and started. */
  async runningTask(daemonId: string, fields: Record<string, unknown> = {}): Promise<string> {
    const taskId = await this.createTask(fields);
    await this.claim(taskId, daemonId);
    await this.report({ daemonId, taskId, attempt: 1, report: 'started', worktreePath: '/w' });
    await eventually(async () => expect((await this.get(`/v1/tasks/${taskId}`)).body.state).toBe('running'));
    return taskId;
  }

  /** Claims an attempt, as a daemon of the task's pool, which counts as dead unless it has been heard. */
  async claim(taskId: string, daemonId: string, attempt = 1): Promise<ClaimTaskReply> {
    await this.database.manager.query(
      `INSERT INTO daemons (id, pool, hostname, agent_version, max_tasks, started_at, last_heartbeat_at)
       SELECT $1, coalesce(max(pool), 'default'), 'unheard', 'v', 1, now(), now() - interval '1 day'
         FROM tasks WHERE id = $2
       ON CONFLICT (id) DO UPDATE SET pool = excluded.pool WHERE daemons.hostname = 'unheard'`,
      [daemonId, taskId],
    );
    return this.ask(daemonId, 'claim-task', { taskId, attempt }, ClaimTaskReply);
  }

  /** Sends a request over NATS as a daemon. Its own id and an event id are added to the fields. */
  ask<Reply extends object>(
    daemonId: string,
    name: RpcName,
    fields: object,
    replyClass: new () => Reply,
  ): Promise<Reply> {
    const body = { schemaVersion: 1, eventId: uuidv7(), daemonId, ...fields };
    const rpc = new RpcClient(this.connectionOf(daemonId));
    return rpc.request(subjects.rpc(daemonId, name), body, replyClass);
  }

  /** Answers are given below the daemon's own inbox alone. */
  private connectionOf(daemonId: string): NatsClient {
    const known = this.daemons.get(daemonId);
    if (known !== undefined) return known;
    const client = new NatsClient({ url: this.natsUrl, inboxPrefix: inboxPrefix(daemonId) }, daemonId);
    this.daemons.set(daemonId, client);
    return client;
  }

  /** Reports what happened to an attempt, as its daemon does. */
  async report(
    fields: Pick<TaskReported, 'daemonId' | 'taskId' | 'attempt' | 'report'> & Partial<TaskReported>,
  ): Promise<void> {
    const message = { schemaVersion: 1, eventId: uuidv7(), reportedAt: new Date().toISOString(), ...fields };
    await this.publish(subjects.taskReported(fields.daemonId, fields.taskId), message);
  }

  /** Says that a daemon lives, as it does itself. */
  async beat(daemonId: string, fields: Partial<DaemonHeartbeat> = {}): Promise<void> {
    const pool = fields.pool ?? 'default';
    await this.publishHeartbeat(pool, daemonId, aHeartbeat({ daemonId, pool, ...fields }));
  }

  /** On the subject of that daemon of that pool, whatever the message says. */
  async publishHeartbeat(pool: string, daemonId: string, message: object): Promise<void> {
    const connection = await this.nats.connection();
    connection.publish(subjects.heartbeat(pool, daemonId), encode(message));
    await connection.flush();
  }

  async publish(subject: string, message: object): Promise<void> {
    await this.publisher.publish(subject, encode(message));
  }

  /** Messages of a stream on subjects with that ending, oldest first. */
  async messages<Message>(stream: string, ending: string): Promise<(Message & { subject: string })[]> {
    const manager = await this.nats.jetStreamManager();
    const { state } = await manager.streams.info(stream);
    const found: (Message & { subject: string })[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const stored = await manager.streams.getMessage(stream, { seq }).catch(() => null);
      if (stored?.subject.endsWith(ending))
        found.push({ subject: stored.subject, ...stored.json<Message>() });
    }
    return found;
  }

  private async request<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text !== '' ? JSON.parse(text) : text) as Body,
    };
  }
}

/** As a daemon sends it. */
export function aHeartbeat(fields: Partial<DaemonHeartbeat>): object {
  return {
    schemaVersion: 1,
    eventId: uuidv7(),
    pool: 'default',
    hostname: 'worker-1',
    agentVersion: '0.1.0',
    maxTasks: 4,
    tasks: [],
    // A day off: only the database's clock decides who is alive.
    startedAt: new Date(Date.now() - 86_400_000).toISOString(),
    ...fields,
  };
}

/** The minimum that a task needs. */
export const aTask = {
  name: 'Fix the tests',
  plan: 'make test',
  runner: 'shell',
  repoUrl: 'https://example.com/a.git',
};
