import { beforeAll } from '@jest/globals';
import { afterEverything } from './after-everything.js';
import { TcpProxy } from './tcp-proxy.js';

/**
 * A {@link TcpProxy} for the spec file that calls this at its top level; closed after the file. The returned
 * function gives it, from the first `beforeAll` after it on.
 *
 * @param target the port to connect to, called for each connection
 */
export function useTcpProxy(target: () => number): () => TcpProxy {
  let proxy: TcpProxy | undefined;
  beforeAll(async () => {
    proxy = await TcpProxy.start(target);
  });
  afterEverything(async () => {
    await proxy?.close();
  });
  return () => {
    if (proxy === undefined) throw new Error('useTcpProxy() starts it in beforeAll: use it there or later.');
    return proxy;
  };
}
