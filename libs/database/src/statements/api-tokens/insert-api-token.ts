import type { EntityManager } from 'typeorm';
import { ApiToken } from '../../entities/index.js';

/** A token that is valid from now on. */
export type NewApiToken = Pick<ApiToken, 'id' | 'name' | 'tokenSha256' | 'scopes' | 'owner' | 'pool'>;

/** Inserts a token, and returns it as it is stored. */
export async function insertApiToken(manager: EntityManager, token: NewApiToken): Promise<ApiToken> {
  await manager.insert(ApiToken, token);
  return manager.findOneByOrFail(ApiToken, { id: token.id });
}
