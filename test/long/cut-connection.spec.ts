import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PatchStoreClient } from '#client';
import { eventually, useDatabase, useNats } from '#testing';
import { aTask, RunningPatchStore } from '../../apps/patch-store/testing/running-patch-store.js';
import { seedDaemon } from '../../apps/patch-store/testing/seed.js';

const postgres = useDatabase();
const nats = useNats();
let store: RunningPatchStore;
let proxy: Server;
let client: PatchStoreClient;

/**
 * Hands requests on, and breaks the connection of the first answer to each: before it, or in the middle of
 * it.
 */
class Cutter {
  cutInTheMiddle = false;
  readonly keys: (string | undefined)[] = [];
  private readonly seen = new Set<string>();

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const key = headers['idempotency-key'] as string | undefined;
    if (method === 'POST') this.keys.push(key);
    const answer = await fetch(store.url + url, {
      method,
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      body: method === 'GET' ? null : new Uint8Array(await buffer(request)),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    const isFirst = !this.seen.has(`${method} ${url}`);
    this.seen.add(`${method} ${url}`);
    if (!isFirst) {
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
      return;
    }
    if (this.cutInTheMiddle && body.length > 0) {
      response.writeHead(answer.status, { 'content-length': body.length });
      await new Promise((resolve) => response.write(body.subarray(0, body.length / 2), resolve));
    }
    response.destroy();
  }
}
let cutter: Cutter;

beforeAll(async () => {
  store = await new RunningPatchStore().start({ databaseUrl: postgres.url, natsUrl: nats.url });
  proxy = createServer((request, response) => void cutter.handle(request, response)).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  client = new PatchStoreClient(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
});
afterAll(async () => {
  proxy.close();
  proxy.closeAllConnections();
  await store.stop();
});

describe('a request that is handled, and whose answer is cut off', () => {
  it.each([
    ['before its head', false],
    ['in the middle', true],
  ])('%s: is done once, and answered', async (name, cutInTheMiddle) => {
    cutter = new Cutter();
    cutter.cutInTheMiddle = cutInTheMiddle;
    const daemonId = `daemon-${cutInTheMiddle}`;
    await seedDaemon(store.database, daemonId);

    const task = await client.createTask({ ...aTask, name });
    const { body } = await store.get<{ tasks: unknown[] }>(`/v1/tasks?name=${encodeURIComponent(name)}`);
    expect(body.tasks).toHaveLength(1);
    expect(await client.task(task.id)).toMatchObject({ id: task.id, attempt: 1 });

    await store.claim(task.id, daemonId);
    await client.createCheckpoint(task.id, 'now');
    const orders = () => store.messages('COMMANDS', `${daemonId}.create-checkpoint`);
    await eventually(async () => expect(await orders()).toHaveLength(1));
    expect(await client.resumeTask(task.id, { force: true })).toMatchObject({ attempt: 2 });
    expect(await client.stopTask(task.id, 'enough')).toMatchObject({ state: 'stopped', attempt: 2 });
    expect(await client.task(task.id)).toMatchObject({ attempt: 2 });

    // Two tries of four requests, each request with a key of its own.
    expect(cutter.keys).toHaveLength(8);
    expect(new Set(cutter.keys).size).toBe(4);
  });
});
