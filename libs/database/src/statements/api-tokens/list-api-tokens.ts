import { LessThan, type EntityManager } from 'typeorm';
import { ApiToken } from '../../entities/index.js';

/** Tokens by descending id, which for UUIDv7 is the newest first. Revoked ones stay in the list. */
export function listApiTokens(
  manager: EntityManager,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<ApiToken[]> {
  return manager.find(ApiToken, {
    where: { ...(before && { id: LessThan(before) }) },
    order: { id: 'DESC' },
    take: limit,
  });
}
