import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What a program sent, with the headers of its request. */
export interface HookCall {
  hook_event_name: string;
  headers: IncomingHttpHeaders;
  [field: string]: unknown;
}

/** What the http hooks of an agent talk to. It remembers the calls, and answers `{}`, or what it is told. */
export class HookServer {
  readonly calls: HookCall[] = [];
  respond: (response: ServerResponse) => void = (response) => response.end('{}');

  private constructor(private readonly server: Server) {}

  static async start(): Promise<HookServer> {
    const server = createServer();
    const hooks = new HookServer(server);
    server.on('request', async (request, response) => {
      hooks.calls.push({ ...((await json(request)) as HookCall), headers: request.headers });
      hooks.respond(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return hooks;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** The events of the calls, in order. */
  events(): string[] {
    return this.calls.map(({ hook_event_name }) => hook_event_name);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
