import { Client, type ClientConfig } from 'pg';

/**
 * A client that always has an error listener, because an error without one ends the process (pg 8.23, TypeORM
 * 1.1).
 *
 * The pool removes its listener when it hands out a client, and TypeORM adds its own a moment later. If
 * Postgres is killed just then, its last message arrives between the two. Nothing is hidden: the next query
 * on the client fails, and the pool drops it.
 */
export class ResilientClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => {});
  }
}
