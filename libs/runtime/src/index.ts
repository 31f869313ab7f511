// First: decorators record the types of properties only once this is loaded.
import 'reflect-metadata';
export * from './app-environment.js';
export * from './backoff.js';
export * from './configuration-error.js';
export * from './environment.js';
export * from './logging.js';
export * from './operations/operations.module.js';
export * from './operations/readiness.js';
export * from './run-app.js';
export * from './version.js';
