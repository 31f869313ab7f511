/**
 * Real servers for specs: a database and a nats-server per spec file, proxies that cut connections, temporary
 * folders.
 *
 *   const postgres = useDatabase(); const nats = useNats();   // at the top level of a spec
 *
 * What a spec starts is stopped with it, even if it fails. Waiting is `eventually`, never a sleep.
 */
export { afterEverything } from './after-everything.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { freeze } from './freeze.js';
export { queryOnce } from './query-once.js';
export { mayMount, useSmallDisk, type SmallDisk } from './small-disk.js';
export { TcpProxy, type Verdict } from './tcp-proxy.js';
export { temporaryFolder } from './temporary-folder.js';
export { useDatabase, type TestDatabase } from './use-database.js';
export { useNats } from './use-nats.js';
export { usePostgres } from './use-postgres.js';
export type { TestServer } from './use-server.js';
export { useStack } from './use-stack.js';
export { useTcpProxy } from './use-tcp-proxy.js';
