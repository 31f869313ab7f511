import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { migrations } from '#migrations';
import { backoffMilliseconds, Readiness } from '#runtime';
import type { PoolClient } from 'pg';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';
import { createDataSource, MIGRATIONS_TABLE, type DatabaseOptions } from './data-source.js';
import { EncryptionKeyError, keyRingOf } from './sealing/key-ring.js';
import { DatabaseUnavailableError, firstMessage, isUnavailable, sqlState } from './database-error.js';

export const DATABASE_OPTIONS = Symbol('DATABASE_OPTIONS');

/** No statement takes longer on a healthy server; the server ends those that do. */
const STATEMENT_TIMEOUT_SECONDS = 30;
/** A process that stopped responding in the middle of a transaction must not hold its locks forever. */
const IDLE_IN_TRANSACTION_TIMEOUT_SECONDS = 60;
const FIRST_CONNECTION_PATIENCE_MILLISECONDS = 5000;

/** Longer than any transaction that the server's limits allow. */
const TRANSACTION_DEADLINE_SECONDS = 90;

/**
 * The connection to Postgres.
 *
 * The app starts even if Postgres is unreachable: connecting is retried in the background, indefinitely.
 * Until then, and whenever the connection is lost, work fails with {@link DatabaseUnavailableError} and may
 * be tried again. Readiness reports it as `postgres`.
 */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Database.name);
  private readonly closing = new AbortController();
  private readonly inFlight = new Set<Promise<unknown>>();
  private dataSource: DataSource | undefined;
  private connecting: Promise<void> | undefined;
  private isAway = true;
  /** Before the first connection, once an attempt has failed. */
  private whyNotReached: string | undefined;
  private isMigrated = false;

  constructor(
    @Inject(DATABASE_OPTIONS) private readonly options: DatabaseOptions,
    @Optional() @Inject(Readiness) readiness?: Readiness,
  ) {
    readiness?.add('postgres', () => this.checkReady());
  }

  /** Starts connecting, without waiting for it. */
  onModuleInit(): void {
    void this.connected();
  }

  /** Resolves after the first connection, or when this is closed before it. */
  connected(): Promise<void> {
    this.connecting ??= this.connectForEver();
    return this.connecting;
  }

  /**
   * For reads of a single statement each.
   *
   * @throws DatabaseUnavailableError before the first connection
   */
  get manager(): EntityManager {
    return this.connectedSource().manager;
  }

  /**
   * Runs `work` in a transaction (READ COMMITTED), which commits when it resolves and is rolled back when it
   * rejects.
   *
   * @throws DatabaseUnavailableError when Postgres is unreachable or the connection broke. If it broke during
   *   COMMIT, the transaction may have been committed: a retry must find that out by reading.
   */
  transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    const running = this.runTransaction(work);
    const forget = () => this.inFlight.delete(running);
    this.inFlight.add(running);
    running.then(forget, forget);
    return running;
  }

  /**
   * Resolves if Postgres answers and has every migration that this code knows; otherwise rejects with what is
   * wrong.
   */
  async checkReady(): Promise<void> {
    if (this.isMigrated) {
      await this.manager.query('SELECT 1');
      return;
    }
    const missing = await this.missingMigrations();
    if (missing.length > 0) {
      throw new Error(
        `the schema lacks ${missing.length} migration(s), from ${missing[0]} on: run \`npm run migrate\``,
      );
    }
    await this.requireKeys();
    this.isMigrated = true;
  }

  /** Waits for transactions in flight, then closes all connections. May be called twice. */
  async onApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await this.connecting;
    await Promise.allSettled(this.inFlight);
    const { dataSource } = this;
    this.dataSource = undefined;
    await dataSource?.destroy();
  }

  private async runTransaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    try {
      await this.firstConnection();
      const result = await this.onOneConnection((manager) =>
        manager.transaction(async (manager) => {
          await limitTime(manager);
          return work(manager);
        }),
      );
      this.noticeBack();
      return result;
    } catch (error) {
      if (!isUnavailable(error)) throw withoutParameters(error);
      if (error instanceof EncryptionKeyError) throw error;
      this.noticeAway(error);
      throw new DatabaseUnavailableError(`Postgres is unreachable: ${firstMessage(error)}`, { cause: error });
    }
  }

  /** A process that has just started gets work at once; waiting for a moment saves all of it a second try. */
  private async firstConnection(): Promise<void> {
    if (this.dataSource || this.closing.signal.aborted) return;
    const patience = new AbortController();
    const timeIsUp = sleep(FIRST_CONNECTION_PATIENCE_MILLISECONDS, undefined, { signal: patience.signal });
    await Promise.race([this.connected(), timeIsUp.catch(() => {})]);
    patience.abort();
  }

  /**
   * Closes the connection when it is held for too long: the server would have ended the transaction by then,
   * so it is gone, and without this the system would wait for its answer for a quarter of an hour.
   */
  private async onOneConnection<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    const queryRunner = this.connectedSource().createQueryRunner();
    const { transactionDeadlineSeconds = TRANSACTION_DEADLINE_SECONDS } = this.options;
    try {
      const client: PoolClient = await queryRunner.connect();
      const deadline = setTimeout(() => cut(client), transactionDeadlineSeconds * 1000);
      return await work(queryRunner.manager).finally(() => clearTimeout(deadline));
    } finally {
      await queryRunner.release();
    }
  }

  private connectedSource(): DataSource {
    if (this.dataSource) return this.dataSource;
    throw new DatabaseUnavailableError(
      this.closing.signal.aborted
        ? 'The connections to Postgres are closed, because the process is stopping.'
        : `Postgres has not been reached yet; connecting is being retried. ${this.whyNotReached ?? ''}`.trimEnd(),
    );
  }

  private async connectForEver(): Promise<void> {
    for (let attempt = 1; !this.closing.signal.aborted; attempt++) {
      const dataSource = createDataSource(this.options);
      try {
        await dataSource.initialize();
        this.dataSource = dataSource;
        this.noticeBack();
        return;
      } catch (error) {
        this.noticeNotReached(error);
        const pause = backoffMilliseconds(attempt, { baseMilliseconds: 100, maxMilliseconds: 5000 });
        await sleep(pause, undefined, { signal: this.closing.signal }).catch(() => {});
      }
    }
  }

  /** A reason is logged once. One that is no outage stays until a person acts: it says where. */
  private noticeNotReached(error: unknown): void {
    const why = isUnavailable(error)
      ? firstMessage(error)
      : `It refuses: ${firstMessage(error)} (${sqlState(error) ?? 'no SQLSTATE'}). Correct DATABASE_URL, or make what it names.`;
    if (why === this.whyNotReached) return;
    this.whyNotReached = why;
    this.logger.warn(`Cannot connect to Postgres, trying again: ${why}`);
  }

  private async missingMigrations(): Promise<string[]> {
    const [table] = await this.manager.query(`SELECT to_regclass($1) AS name`, [MIGRATIONS_TABLE]);
    const applied: { name: string }[] =
      table.name === null ? [] : await this.manager.query(`SELECT name FROM ${MIGRATIONS_TABLE}`);
    const names = new Set(applied.map(({ name }) => name));
    return migrations.map(({ name }) => name).filter((name) => !names.has(name));
  }

  /** Without the keys of what is encrypted, work would be stored that nobody can read beside the rest. */
  private async requireKeys(): Promise<void> {
    const used: { keyId: string }[] = await this.manager.query(
      'SELECT DISTINCT key_id AS "keyId" FROM task_keys',
    );
    const ring = keyRingOf(this.manager);
    const missing = used.map(({ keyId }) => keyId).filter((keyId) => ring?.has(keyId) !== true);
    if (missing.length === 0) return;
    throw new EncryptionKeyError(
      `the database is encrypted by keys that this process lacks: ${missing.join(', ')}; see PATCHPOINT_ENCRYPTION_KEY_FILE`,
    );
  }

  private noticeBack(): void {
    if (this.isAway) this.logger.log('Connected to Postgres');
    this.isAway = false;
  }

  private noticeAway(error: unknown): void {
    if (!this.isAway && !this.closing.signal.aborted)
      this.logger.warn(`Lost the connection to Postgres: ${firstMessage(error)}`);
    this.isAway = true;
  }
}

/** pg 8.23 has no public way to give up a connection that does not respond; its pool does the same. */
function cut(client: PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: Socket } };
  connection.stream.destroy(new Error('Connection terminated: Postgres did not answer in time'));
}

/** For this transaction only: a session setting would leak to others behind a pooler. */
async function limitTime(manager: EntityManager): Promise<void> {
  await manager.query(
    `SELECT set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true)`,
    [`${STATEMENT_TIMEOUT_SECONDS}s`, `${IDLE_IN_TRANSACTION_TIMEOUT_SECONDS}s`],
  );
}

/** Keeps patches and plans out of the log when the error is logged. */
function withoutParameters(error: unknown): unknown {
  if (error instanceof QueryFailedError) Object.assign(error, { parameters: undefined });
  return error;
}
