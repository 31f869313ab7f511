import type { EntityManager } from 'typeorm';
import { ApiToken } from '../../entities/index.js';

/** Revokes a token and returns it; null when there is none. Twice is once: the first time stays. */
export async function revokeApiToken(manager: EntityManager, id: string): Promise<ApiToken | null> {
  await manager.update(ApiToken, { id }, { revokedAt: () => 'coalesce(revoked_at, now())' });
  return manager.findOneBy(ApiToken, { id });
}
