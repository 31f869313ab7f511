import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventually, useNats } from '#testing';
import { NatsClient } from '../connection/nats-client.js';
import { CorePublisher } from './core-publisher.js';

const server = useNats();

beforeAll(() => Logger.overrideLogger(false));

describe('CorePublisher', () => {
  let nats: NatsClient;
  let publisher: CorePublisher;
  const heard: string[] = [];
  const text = (words: string): Uint8Array => Buffer.from(words);

  beforeAll(async () => {
    nats = new NatsClient({ url: server.url }, 'test');
    publisher = new CorePublisher(nats);
    const connection = await nats.connection();
    connection.subscribe('a.>', { callback: (_error, message) => void heard.push(message.string()) });
    await connection.flush();
  });
  afterAll(() => nats.close());

  it('publishes to whoever listens, in order', async () => {
    expect([publisher.publish('a.b', text('1')), publisher.publish('a.c', text('2'))]).toEqual([true, true]);
    await eventually(() => expect(heard).toEqual(['1', '2']));
  });

  it('drops what is too large for the server, and goes on', async () => {
    expect(publisher.publish('a.b', Buffer.alloc(1024 * 1024 + 1))).toBe(false);
    expect(publisher.publish('a.b', text('3'))).toBe(true);
    await eventually(() => expect(heard.at(-1)).toBe('3'));
  });

  it('drops what comes while the server is unreachable, and keeps none of it for later', async () => {
    await server.kill();
    await eventually(() => expect(nats.isConnected()).toBe(false));
    expect(publisher.publish('a.b', text('lost'))).toBe(false);
    await server.restart();
    await eventually(() => expect(publisher.publish('a.b', text('4'))).toBe(true));
    await eventually(() => expect(heard.at(-1)).toBe('4'));
    expect(heard).not.toContain('lost');
  });

  it('drops what comes before the first connection and after the last', async () => {
    const closed = new NatsClient({ url: server.url }, 'test');
    expect(new CorePublisher(closed).publish('a.b', text('early'))).toBe(false);
    await closed.connection();
    await closed.close();
    expect(new CorePublisher(closed).publish('a.b', text('late'))).toBe(false);
  });
});
