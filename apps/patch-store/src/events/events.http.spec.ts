import { get as httpGet, type IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { subjects } from '#contracts';
import { eventually } from '#testing';
import { RunningPatchStore } from '../../testing/running-patch-store.js';
import { useRunningPatchStore, useServers } from '../../testing/use-running-patch-store.js';

const servers = useServers();
const store = useRunningPatchStore(servers);
const places = () => ({ databaseUrl: servers.postgres.url, natsUrl: servers.nats.url });

interface Received {
  id: string;
  event: string;
  data: { taskId: string; eventId: string };
}

/** A reader as a browser is one, that shows what it got. */
class Reader {
  text = '';
  isEnded = false;
  readonly leave = new AbortController();
  response!: Response;

  static async open(query = '', headers: Record<string, string> = {}): Promise<Reader> {
    const reader = new Reader();
    const { signal } = reader.leave;
    reader.response = await fetch(`${store.url}/v1/events${query}`, { headers, signal });
    reader.read().catch(() => {});
    return reader;
  }

  get events(): Received[] {
    const blocks = this.text.split('\n\n').slice(0, -1);
    return blocks.filter((block) => block.includes('\ndata: ')).map(receivedOf);
  }

  get kinds(): string[] {
    return this.events.map(({ event }) => event);
  }

  private async read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.response.body!) this.text += decoder.decode(chunk as Uint8Array);
    this.isEnded = true;
  }
}

function receivedOf(block: string): Received {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)![1]!;
  return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
}

const stopped = async (fields: Record<string, unknown> = {}) => {
  const taskId = await store.createTask(fields);
  await store.post(`/v1/tasks/${taskId}/stop`);
  return taskId;
};

describe('GET /v1/events', () => {
  it('tells what happens from now on, to everyone who listens', async () => {
    await stopped({ name: 'before' });
    await eventually(async () => expect(await store.messages('EVENTS', 'task-stopped')).toHaveLength(1));
    const readers = [await Reader.open(), await Reader.open()];
    const taskId = await stopped();
    for (const reader of readers) {
      await eventually(() => expect(reader.kinds).toEqual(['task-spawning', 'task-stopped']));
      expect(reader.events.map(({ data }) => data.taskId)).toEqual([taskId, taskId]);
      expect(reader.response.headers.get('content-type')).toContain('text/event-stream');
      reader.leave.abort();
    }
  });

  it('goes on behind the last event that a reader had', async () => {
    const first = await Reader.open('?since=2020-01-01T00:00:00Z');
    const taskId = await stopped();
    await eventually(() =>
      expect(first.events.at(-1)).toMatchObject({ event: 'task-stopped', data: { taskId } }),
    );
    first.leave.abort();
    const [spawning, end] = first.events.slice(-2);
    const missed = await stopped();
    const second = await Reader.open('', { 'Last-Event-ID': spawning!.id });
    await eventually(() => expect(second.events).toHaveLength(3));
    expect(second.events[0]).toEqual(end);
    expect(second.events[2]!.data.taskId).toBe(missed);
    second.leave.abort();
  });

  it('gives a reader its place before the first event', async () => {
    const idle = await Reader.open('?kind=patch-expired');
    await eventually(() => expect(idle.text).toMatch(/^retry: 2000\nid: \d+\n\n/));
    idle.leave.abort();
  });

  it('filters by task, daemon and kind', async () => {
    const [taskId, other] = [uuidv7(), uuidv7()];
    const everything = '?since=2020-01-01T00:00:00Z&';
    const readers = await Promise.all(
      [`task=${taskId.toUpperCase()}`, 'kind=patch-expired', 'daemon=only'].map((filter) =>
        Reader.open(everything + filter),
      ),
    );
    await store.publish(subjects.event('other', other, 'task-lost'), { eventId: 'a', taskId: other });
    await store.publish(subjects.event('other', taskId, 'patch-expired'), { eventId: 'b', taskId });
    await store.publish(subjects.event('only', taskId, 'task-started'), { eventId: 'c', taskId });
    const ids = (reader: Reader) => reader.events.map(({ data }) => data.eventId);
    const [ofTask, ofKind, ofDaemon] = readers as [Reader, Reader, Reader];
    await eventually(() => expect(ids(ofTask)).toEqual(['b', 'c']));
    await eventually(() => expect(ids(ofKind)).toEqual(['b']));
    await eventually(() => expect(ids(ofDaemon)).toEqual(['c']));
    for (const reader of readers) reader.leave.abort();
  });

  it.each([
    ['?kind=odd', {}, 'FIELD_INVALID', 'kind'],
    ['?task=odd', {}, 'BAD_ID', 'task'],
    ['?daemon=*', {}, 'BAD_ID', 'daemon'],
    ['?since=yesterday', {}, 'FIELD_INVALID', 'since'],
    ['?tsak=1', {}, 'FIELD_INVALID', 'tsak'],
    ['', { 'Last-Event-ID': 'abc' }, 'FIELD_INVALID', 'Last-Event-ID'],
  ])('refuses %s %j', async (query, headers, code, path) => {
    const answer = await store.get(`/v1/events${query}`, headers);
    expect(answer).toMatchObject({ status: 400, body: { code, path } });
  });

  it('makes the server wait for a slow reader, and lets go of its place when it leaves', async () => {
    const manager = await store.nats.jetStreamManager();
    const consumers = async () => (await manager.streams.info('EVENTS')).state.consumer_count;
    await eventually(async () => expect(await consumers()).toBe(0));
    const taskId = uuidv7();
    const large = 'x'.repeat(100_000);
    for (let n = 0; n < 200; n++) {
      await store.publish(subjects.event('bulk', taskId, 'task-started'), {
        eventId: String(n),
        taskId,
        large,
      });
    }
    const response = await new Promise<IncomingMessage>((resolve) => {
      httpGet(`${store.url}/v1/events?daemon=bulk&since=2020-01-01T00:00:00Z`, resolve);
    });
    response.pause();
    // 20 MB wait in the stream; what has left it is bounded by the read-ahead of 64 and what the sockets
    // hold.
    await eventually(async () => {
      const [info] = await manager.consumers.list('EVENTS').next();
      expect(info!.num_pending).toBeLessThan(200);
    });
    const [info] = await manager.consumers.list('EVENTS').next();
    expect(info!.num_pending).toBeGreaterThan(20);
    response.destroy();
    await eventually(async () => expect(await consumers()).toBe(0));
  });

  it('ends when NATS was lost and is back, and goes on where it was, also when the stream was lost', async () => {
    const reader = await Reader.open();
    await stopped();
    await eventually(() => expect(reader.kinds).toEqual(['task-spawning', 'task-stopped']));
    await servers.nats.kill();
    await eventually(async () => expect((await store.get('/v1/events')).status).toBe(503));
    await servers.nats.restart();
    await eventually(() => expect(reader.isEnded).toBe(true), { timeoutMs: 60_000 });
    // The spec's own connection may be back a little later than the app's.
    await eventually(async () => {
      await store.nats.requireConnected();
      await (await store.nats.jetStreamManager()).streams.delete('EVENTS');
    });
    const again = await Reader.open('', { 'Last-Event-ID': reader.events.at(-1)!.id });
    const taskId = await stopped();
    await eventually(() => expect(again.events.map(({ data }) => data.taskId)).toEqual([taskId, taskId]), {
      timeoutMs: 60_000,
    });
    again.leave.abort();
  });

  it('is refused when too many are open, until one of them is left', async () => {
    const narrow = await new RunningPatchStore().start({ ...places(), eventStreams: 2 });
    const open = (path = '/v1/events') => fetch(`${narrow.url}${path}`);
    const taskId = await narrow.createTask();
    const [first] = [await open(), await open(`/v1/tasks/${taskId}/output`)];
    const refused = await open();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_STREAMS' });
    expect((await narrow.get('/v1/tasks')).status).toBe(200);
    await first.body!.cancel();
    await eventually(async () => expect((await open()).status).toBe(200));
    await narrow.stop();
  });

  it('ends when the app stops', async () => {
    const passing = await new RunningPatchStore().start(places());
    const response = await fetch(`${passing.url}/v1/events`);
    const [body] = await Promise.all([response.text(), passing.stop()]);
    expect(body).toMatch(/^retry: /);
  });
});

async function readUntil(answer: Response, word: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of answer.body!) {
    text += decoder.decode(chunk as Uint8Array);
    if (text.includes(word)) break;
  }
  return text;
}

describe('GET /v1/tasks/{id}/output', () => {
  it('tells what the task says, also what it said before', async () => {
    const taskId = await store.claimedTask('d');
    const say = (id: string, text: string) => store.publish(subjects.output('d', id), { taskId: id, text });
    await say(taskId, 'early\n');
    const response = await fetch(`${store.url}/v1/tasks/${taskId}/output?since=2020-01-01T00:00:00Z`);
    await say(uuidv7(), 'another task\n');
    await say(taskId, 'late\n');
    const text = await readUntil(response, 'late');
    expect(text).toMatch(/event: task-output\ndata: .*early[^]*event: task-output\ndata: .*late/);
    expect(text).not.toContain('another task');
  });

  it('is not what a daemon says that holds no attempt of it, and a line break begins no other event', async () => {
    const taskId = await store.claimedTask('holder');
    const jetStream = await store.nats.jetStream();
    await store.publish(subjects.output('forger', taskId), { taskId, text: 'forged' });
    const text = '{"text":\r\rid: 1\revent: task-completed\rdata: {}\r\n\r\n"last"}';
    await jetStream.publish(subjects.output('holder', taskId), text);
    const answer = await fetch(`${store.url}/v1/tasks/${taskId}/output?since=2020-01-01T00:00:00Z`);
    const heard = await readUntil(answer, 'last');
    expect(heard).not.toContain('forged');
    expect(heard.split(/[\r\n]+/).filter((line) => line.startsWith('event: '))).toEqual([
      'event: task-output',
    ]);
  });

  it('answers 404 for an unknown task', async () => {
    expect(await store.get(`/v1/tasks/${uuidv7()}/output`)).toMatchObject({
      status: 404,
      body: { code: 'TASK_NOT_FOUND' },
    });
  });
});
