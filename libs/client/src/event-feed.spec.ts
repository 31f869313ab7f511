import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PatchStoreClient } from './patch-store.client.js';

describe('the feed of events', () => {
  /** What was asked for so far, with the place that it was asked behind. */
  let asked: { lastEventId: string | undefined; answer: ServerResponse }[];
  let server: Server;
  let client: PatchStoreClient;
  const stop = new AbortController();

  beforeEach(async () => {
    asked = [];
    server = createServer((request, answer) => {
      asked.push({ lastEventId: request.headers['last-event-id'] as string | undefined, answer });
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write(request.url!.includes('since') ? 'retry: 2000\n\n' : 'retry: 2000\nid: 4\n\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new PatchStoreClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const say = (id: number, data: string) =>
    asked.at(-1)!.answer.write(`id: ${id}\nevent: news\ndata: ${data}\n\n`);

  it.each([{}, { since: '2026-01-01T00:00:00Z' }])(
    'gives what came before anybody read, whatever the garbage collector took meanwhile: %j',
    async (filter) => {
      const feed = await client.events(filter, stop.signal);
      await collectGarbage();
      say(5, 'early');
      const [first] = await take(feed, 1);
      expect(first).toEqual({ id: '5', event: 'news', data: 'early' });
      expect(asked).toHaveLength(1);
    },
  );

  it('comes back behind the place where it began, when the connection breaks before the first event', async () => {
    const feed = await client.events({}, stop.signal);
    asked[0]!.answer.destroy();
    const reading = take(feed, 1);
    await once(server, 'request');
    say(5, 'missed by nobody');
    expect((await reading)[0]).toMatchObject({ data: 'missed by nobody' });
    expect(asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, '4']);
  });

  it('comes back behind the last event', async () => {
    const feed = await client.events({}, stop.signal);
    say(5, 'one');
    const reading = take(feed, 2);
    asked[0]!.answer.end();
    await once(server, 'request');
    say(6, 'two');
    expect((await reading).map(({ data }) => data)).toEqual(['one', 'two']);
    expect(asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, '5']);
  });

  it('closes the connection when its reader has enough', async () => {
    const feed = await client.events({}, stop.signal);
    const closed = once(asked[0]!.answer, 'close');
    say(5, 'enough');
    await take(feed, 1);
    await closed;
  });
});

async function take<T>(feed: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const each of feed) {
    taken.push(each);
    if (taken.length === count) break;
  }
  return taken;
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round++) {
    collect();
    await nextTurn(); // finalizers run between turns
  }
}
