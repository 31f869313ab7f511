import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What to do with bytes that a client sent. `cut` passes them on and closes the connection before any answer.
 */
export type Verdict = 'forward' | 'hold' | 'cut';

/**
 * A network that can be made to fail: a loopback port in front of a server. Connections can be cut, bytes
 * held back as if they were lost in transit (TCP would keep resending them), or delayed.
 */
export class TcpProxy {
  private readonly connections = new Set<Connection>();
  private isRefusing = false;
  private isHolding = false;
  private delayMilliseconds = 0;
  private judge: (bytes: Buffer) => Verdict = () => 'forward';

  private constructor(
    private readonly server: Server,
    private readonly target: () => number,
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  /** @param target the port to connect to, called for each connection */
  static async start(target: () => number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `url` with this proxy in place of its server. */
  inFrontOf(url: string): string {
    const through = new URL(url);
    through.port = String(this.port);
    return through.href.replace(/\/$/, url.endsWith('/') ? '/' : '');
  }

  /** Cuts all connections and refuses new ones until {@link heal}. */
  refuse(): void {
    this.isRefusing = true;
    this.cut();
  }

  /** Cuts all connections; new ones may be made. */
  cut(): void {
    for (const connection of this.connections) connection.close();
  }

  /**
   * From now on nothing arrives on either side, and no connection is closed. {@link heal} delivers what was
   * held back.
   */
  hold(): void {
    this.isHolding = true;
  }

  /** The delay of each piece; the order is kept. 0: none. */
  delay(milliseconds: number): void {
    this.delayMilliseconds = milliseconds;
  }

  /**
   * Decides about each piece that a client sends. After `hold` the connection stays silent in both
   * directions.
   */
  inspect(judge: (bytes: Buffer) => Verdict): void {
    this.judge = judge;
  }

  /** Passes everything on again; what {@link inspect} held stays held on its connection. */
  heal(): void {
    this.isRefusing = false;
    this.isHolding = false;
    this.delayMilliseconds = 0;
    this.judge = () => 'forward';
  }

  async close(): Promise<void> {
    this.cut();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    if (this.isRefusing) {
      client.destroy();
      return;
    }
    const connection = new Connection(client, connect(this.target(), '127.0.0.1'), {
      judge: (bytes) => this.judge(bytes),
      pause: () => this.pause(),
    });
    this.connections.add(connection);
    client.on('close', () => this.connections.delete(connection));
  }

  private async pause(): Promise<void> {
    if (this.delayMilliseconds > 0) await sleep(this.delayMilliseconds);
    while (this.isHolding) await sleep(20);
  }
}

interface Rules {
  judge: (bytes: Buffer) => Verdict;
  /** Resolves when the next piece may be passed on. */
  pause: () => Promise<void>;
}

class Connection {
  private isHeld = false;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly rules: Rules,
  ) {
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.close());
      socket.on('close', () => this.close());
    }
    void this.pump(client, server, rules.judge);
    void this.pump(server, client, () => 'forward');
  }

  close(): void {
    this.client.destroy();
    this.server.destroy();
  }

  private async pump(from: Socket, to: Socket, judge: Rules['judge']): Promise<void> {
    try {
      for await (const bytes of from as AsyncIterable<Buffer>) {
        await this.rules.pause();
        const verdict = this.isHeld ? 'hold' : judge(bytes);
        if (verdict === 'hold') this.isHeld = true;
        else await this.pass(bytes, to, verdict);
      }
    } catch {
      // cut, by us or by one of the two
    }
    this.close();
  }

  private async pass(bytes: Buffer, to: Socket, verdict: Verdict): Promise<void> {
    if (verdict === 'cut') {
      this.client.destroy();
      await new Promise((resolve) => to.end(bytes, () => resolve(undefined)));
      return;
    }
    if (!to.destroyed && !to.write(bytes)) await once(to, 'drain');
  }
}
