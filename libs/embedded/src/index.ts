/**
 * Everything on one machine: a real Postgres, a real nats-server and our apps as child processes.
 *
 *   startStack: Postgres, NATS → migrate → apps → addresses; stop in the opposite order
 *
 * The servers are for their owner alone: nothing is told to another user of the machine, and nothing that is
 * kept on disk can be read by one.
 *
 * Children end with us, even if we are killed: the next start finds and ends what was left.
 */
export { appNames, type AppName } from './apps/app-name.js';
export { nodeFlags } from './apps/node-flags.js';
export { describeExit, startApp, type AppOptions, type AppProcess } from './apps/start-app.js';
export { credentialFiles, type CredentialFiles } from './credentials/credential-files.js';
export type { StackCredentials } from './credentials/open-credentials.js';
export { EmbeddedError } from './embedded-error.js';
export { findNatsServer } from './nats/find-nats-server.js';
export { startNatsServer, type NatsServer, type NatsServerOptions } from './nats/start-nats-server.js';
export { startPostgres, type Postgres, type PostgresOptions } from './postgres/start-postgres.js';
export { NotPrivateError, privateFolder, readPrivately, writePrivately } from './privacy/private-files.js';
export type { ChildHandle, ExitStatus } from './process/child-handle.js';
export { findFreePort } from './process/free-port.js';
export { identifyProcess, isAlive, type ProcessIdentity } from './process/process-identity.js';
export { loseMachine } from './stack/lose-machine.js';
export { readKeptPorts, type MovedPort, type StackPorts } from './stack/kept-ports.js';
export type { Stack, StackOptions } from './stack/stack.js';
export { startStack } from './stack/start-stack.js';
