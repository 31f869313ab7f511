import { createServer, type AddressInfo } from 'node:net';
import { randomInt } from 'node:crypto';

/**
 * Where a server listens: on exactly that port, or on a port to come back to: `lasting` when it is free (the
 * one of the last time), else a new one.
 */
export type PortWish = number | { readonly lasting: number | undefined };

/**
 * Ports that the kernel gives to nobody who did not ask: Linux hands out 32768 and up for connections, macOS
 * 49152 and up. One from there may be in use at the next start although no server has it.
 */
const LASTING_PORTS = [20_000, 30_000] as const;

/** More would mean that something else than bad luck is the reason. */
const LASTING_TRIES = 20;

/**
 * The port for a wish; for none, any free one. Another process may take a port that was free a moment ago:
 * callers that cannot bind it should request another.
 */
export async function portFor(wish: PortWish | undefined): Promise<number> {
  if (typeof wish === 'number') return wish;
  return wish === undefined ? findFreePort() : findLastingPort(wish.lasting);
}

/**
 * A loopback port that was free a moment ago. Another process may take it before you do: callers that cannot
 * bind it should request another.
 */
export async function findFreePort(): Promise<number> {
  return listenOnce(0);
}

async function findLastingPort(last: number | undefined): Promise<number> {
  if (last !== undefined && (await isFree(last))) return last;
  for (let tries = 0; tries < LASTING_TRIES; tries += 1) {
    const port = randomInt(...LASTING_PORTS);
    if (await isFree(port)) return port;
  }
  return findFreePort();
}

async function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

/** @returns the port, which is free again */
async function listenOnce(wanted: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}
