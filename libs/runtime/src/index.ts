/**
 * How a process reads its environment, logs, reports its health, starts and stops.
 *
 *   runApp: read the environment, or name the invalid variables → start → listen
 *   SIGTERM: stop intake → finish work in flight → close; a stop that takes too long is forced
 *
 * The environment is read once; everything else receives typed values. Imports no other lib.
 */
// Must be first: decorators record the types of properties only once this is loaded.
import 'reflect-metadata';
export * from './app-environment.js';
export * from './backoff.js';
export * from './configuration-error.js';
export * from './encryption-keys.js';
export * from './environment.js';
export * from './error-causes.js';
export * from './group-commit.js';
export * from './logging.js';
export * from './operations/operations.module.js';
export * from './operations/readiness.js';
export * from './outage.js';
export * from './rate-limit.js';
export * from './run-app.js';
export * from './version.js';
