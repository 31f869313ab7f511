import type { EntityManager } from 'typeorm';
import { ContractError } from '#contracts';
import { findDaemons, type Viewer } from '#database';

/**
 * Where a caller who is confined to a pool may have a task run: there, and on its daemons.
 *
 * @throws ContractError `CONFINED`
 */
export async function requirePlace(
  manager: EntityManager,
  { pool }: Viewer,
  asked: { pool?: string | undefined; daemonId?: string | undefined },
): Promise<void> {
  if (pool === null) return;
  if (asked.pool !== undefined && asked.pool !== pool) throw outside('pool', pool);
  if (asked.daemonId === undefined) return;
  const known = await findDaemons(manager, 1, { id: asked.daemonId, pool });
  if (known.length === 0) throw outside('daemonId', pool);
}

function outside(path: string, pool: string): ContractError {
  return new ContractError('CONFINED', `The token that was sent is for the pool "${pool}" alone.`, path);
}
