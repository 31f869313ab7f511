export { afterEverything } from './after-everything.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { temporaryFolder } from './temporary-folder.js';
export { useDatabase, type TestDatabase } from './use-database.js';
export { useNats } from './use-nats.js';
export { usePostgres } from './use-postgres.js';
export type { TestServer } from './use-server.js';
export { useStack } from './use-stack.js';
