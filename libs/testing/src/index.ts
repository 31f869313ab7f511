export { afterEverything } from './after-everything.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { temporaryFolder } from './temporary-folder.js';
export { useDatabase, type TestDatabase } from './use-database.js';
export { useNats, type TestNats } from './use-nats.js';
export { usePostgres, type TestPostgresServer } from './use-postgres.js';
export { useStack } from './use-stack.js';
