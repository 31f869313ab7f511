import { createServer, type AddressInfo } from 'node:net';

/**
 * A loopback port that was free a moment ago. Another process may take it before you do: callers that cannot
 * bind it should request another.
 */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}
