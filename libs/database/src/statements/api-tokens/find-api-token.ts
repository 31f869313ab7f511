import { IsNull, type EntityManager } from 'typeorm';
import { ApiToken } from '../../entities/index.js';

/** The token with that digest (hex), unless it is revoked; or null. */
export function findValidApiToken(manager: EntityManager, tokenSha256: string): Promise<ApiToken | null> {
  return manager.findOneBy(ApiToken, { tokenSha256, revokedAt: IsNull() });
}
