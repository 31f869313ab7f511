export { appNames, type AppName } from './apps/app-name.js';
export { describeExit, startApp, type AppOptions, type AppProcess } from './apps/start-app.js';
export { EmbeddedError } from './embedded-error.js';
export { findNatsServer } from './nats/find-nats-server.js';
export { startNatsServer, type NatsServer, type NatsServerOptions } from './nats/start-nats-server.js';
export { startPostgres, type Postgres, type PostgresOptions } from './postgres/start-postgres.js';
export type { ChildHandle, ExitStatus } from './process/child-handle.js';
export { identifyProcess, isAlive, type ProcessIdentity } from './process/process-identity.js';
export { startStack, type Stack, type StackOptions } from './stack/start-stack.js';
