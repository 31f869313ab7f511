import { migrations } from '#migrations';
import type { EncryptionKey } from '#runtime';
import { types } from 'pg';
import { DataSource } from 'typeorm';
import { entities } from './entities/index.js';
import { PostgresNaming } from './postgres-naming.js';
import { sealWith } from './sealing/key-ring.js';
import { ResilientClient } from './resilient-client.js';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly databaseUrl: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Connections that this process may hold. */
  readonly poolSize: number;
  /** Patches and conversations are encrypted by keys that the first wraps. None: they are not. */
  readonly encryptionKeys?: readonly EncryptionKey[];
  /** A transaction's connection is given up after this time. Default: 90. */
  readonly transactionDeadlineSeconds?: number;
}

export const MIGRATIONS_TABLE = 'schema_migrations';

/**
 * When to give up connecting, so that a caller learns that Postgres is unreachable instead of waiting for it.
 */
const CONNECT_TIMEOUT_MILLISECONDS = 5000;

/**
 * A data source that is not connected yet. It keeps no session state (no SET, no LISTEN, no session locks),
 * so that a transaction pooler may be between it and Postgres.
 */
export function createDataSource(options: DatabaseOptions): DataSource {
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.databaseUrl,
    applicationName: options.applicationName,
    poolSize: options.poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MILLISECONDS,
    extra: {
      Client: ResilientClient,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: { getTypeParser },
    },
    // An idle connection that breaks is replaced at its next use, and reported there if that fails.
    poolErrorHandler: () => {},
    entities,
    migrations,
    migrationsTableName: MIGRATIONS_TABLE,
    namingStrategy: new PostgresNaming(),
    // gen_random_uuid() is part of Postgres since 13: no extension, no superuser.
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    synchronize: false,
    logging: false,
  });
  sealWith(dataSource, options.encryptionKeys ?? []);
  return dataSource;
}

/** A JSON column is read as its text: parsing it would round long numbers. JSONB is parsed. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === types.builtins.JSON ? String : types.getTypeParser(oid, format);
}
