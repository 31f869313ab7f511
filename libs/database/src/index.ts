/**
 * Postgres: tables as classes, one file per statement, transactions that are retried if that is safe.
 *
 *   database.transaction(async (manager) => { lock; decide; insert; announce })
 *
 * Statements take typed arguments and return typed rows; they neither open nor end transactions. Listing
 * never reads the bytes of a patch.
 */
export { createDataSource, type DatabaseOptions } from './data-source.js';
export * from './database-error.js';
export { DatabaseModule } from './database.module.js';
export { Database } from './database.js';
export * from './entities/index.js';
export { EncryptionKeyError } from './sealing/key-ring.js';
export { migrate } from './migrate.js';
export * from './statements/index.js';
