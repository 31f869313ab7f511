import { Client, type ClientConfig } from 'pg';

/**
 * A client that always has a listener for errors, because one without any ends the process (pg 8.23, TypeORM
 * 1.1).
 *
 * The pool takes its listener away when it hands a client out, and TypeORM adds its own a moment later. When
 * Postgres is killed just then, its last word arrives between the two. Nothing is hidden: the next query on
 * the client fails, and the pool drops it.
 */
export class ResilientClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => {});
  }
}
