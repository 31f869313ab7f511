export { EmbeddedError } from './embedded-error.js';
export { findNatsServer } from './nats/find-nats-server.js';
export { startNatsServer, type NatsServer, type NatsServerOptions } from './nats/start-nats-server.js';
export { startPostgres, type Postgres, type PostgresOptions } from './postgres/start-postgres.js';
