import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { useTcpProxy } from './use-tcp-proxy.js';

describe('TcpProxy', () => {
  let echo: Server;
  let received = '';
  const proxy = useTcpProxy(() => (echo.address() as AddressInfo).port);
  const clients: Socket[] = [];

  beforeAll(async () => {
    echo = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        received += bytes.toString();
        socket.write(bytes);
      });
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
  });
  beforeEach(() => {
    received = '';
    proxy().heal();
  });
  afterAll(() => {
    for (const client of clients) client.destroy();
    echo.close();
  });

  /** A connection through the proxy, and what came back on it. */
  function open(): { socket: Socket; answer: () => string } {
    const socket = connect(proxy().port, '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => (answer += bytes.toString()));
    socket.on('error', () => {});
    clients.push(socket);
    return { socket, answer: () => answer };
  }

  it('passes bytes on, and holds them back until it is healed', async () => {
    const { socket, answer } = open();
    socket.write('one ');
    await eventually(() => expect(answer()).toBe('one '));
    proxy().hold();
    socket.write('two');
    await new Promise((resolve) => setImmediate(resolve));
    expect(answer()).toBe('one ');
    proxy().heal();
    await eventually(() => expect(answer()).toBe('one two'));
  });

  it('cuts what is open, and refuses until it is healed', async () => {
    const { socket } = open();
    await once(socket, 'connect');
    proxy().refuse();
    await eventually(() => expect(socket.closed).toBe(true));
    const refused = open();
    await eventually(() => expect(refused.socket.closed).toBe(true));
    proxy().heal();
    const { socket: again, answer } = open();
    again.write('back');
    await eventually(() => expect(answer()).toBe('back'));
  });

  it('delivers a request and cuts the connection before its answer', async () => {
    proxy().inspect((bytes) => (bytes.includes('COMMIT') ? 'cut' : 'forward'));
    const { socket, answer } = open();
    socket.write('COMMIT');
    await eventually(() => expect(received).toBe('COMMIT'));
    await eventually(() => expect(socket.closed).toBe(true));
    expect(answer()).toBe('');
  });
});
