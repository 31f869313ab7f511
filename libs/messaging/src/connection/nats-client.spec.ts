import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventually, useNats } from '#testing';
import { NatsClient } from './nats-client.js';

const server = useNats();

describe('NatsClient', () => {
  const made: NatsClient[] = [];
  const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => {});
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});

  function client(): NatsClient {
    const nats = new NatsClient({ url: server.url }, 'test');
    made.push(nats);
    return nats;
  }

  afterEach(async () => {
    await Promise.all(made.splice(0).map((nats) => nats.close()));
    log.mockClear();
    warn.mockClear();
  });

  it('connects in the background and says so', async () => {
    const nats = client();
    nats.onModuleInit();
    expect(nats.isConnected()).toBe(false);
    await expect(nats.requireConnected()).rejects.toThrow(/no connection to NATS at 127\.0\.0\.1/);
    await eventually(() => nats.requireConnected());
    await eventually(() => expect(log).toHaveBeenCalledTimes(1));
  });

  it('is not ready while the server is away, and says once that it went and that it is back', async () => {
    const nats = client();
    const back = jest.fn();
    nats.onReconnect(back);
    await nats.connection();
    await server.kill();
    await eventually(() => expect(nats.isConnected()).toBe(false));
    await expect(nats.connectedWithin(100)).rejects.toMatchObject({ name: 'NotConnectedError' });
    await server.restart();
    await (await nats.connectedWithin(30_000)).flush();
    await eventually(() => expect(log).toHaveBeenCalledTimes(2));
    expect(back).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('waits for a server that is not there yet', async () => {
    await server.stop();
    const nats = client();
    const connection = nats.connection();
    await eventually(() => expect(warn).toHaveBeenCalledTimes(1));
    await server.restart();
    await (await connection).flush();
  });

  it('closes at once, twice, and although the server never came', async () => {
    await server.stop();
    try {
      const nats = client();
      const connection = nats.connection();
      await Promise.all([nats.close(), nats.close()]);
      await expect(connection).rejects.toThrow(/this process is stopping/);
    } finally {
      await server.restart();
    }
  });

  it('sends what is buffered before it closes', async () => {
    const [sender, receiver] = [client(), client()];
    const heard: string[] = [];
    const connection = await receiver.connection();
    connection.subscribe('a', { callback: (_error, message) => void heard.push(message.string()) });
    await connection.flush();
    (await sender.connection()).publish('a', 'the last word');
    await sender.close();
    await eventually(() => expect(heard).toEqual(['the last word']));
    expect(sender.isConnected()).toBe(false);
  });
});
