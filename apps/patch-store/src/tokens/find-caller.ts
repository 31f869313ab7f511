import { Injectable } from '@nestjs/common';
import { Database, findValidApiToken } from '#database';
import type { Caller } from '../http/caller.js';
import { digestOfApiToken } from './api-token.js';

/** From a token to whose it is. */
@Injectable()
export class FindCaller {
  constructor(private readonly database: Database) {}

  /** Undefined: the token opens nothing. Asked for each request, so that a revoked one does so at once. */
  async find(token: string): Promise<Caller | undefined> {
    const digest = digestOfApiToken(token);
    if (digest === undefined) return undefined;
    const known = await findValidApiToken(this.database.manager, digest);
    if (!known) return undefined;
    const { id: tokenId, scopes, owner, pool } = known;
    return { tokenId, scopes, owner, pool };
  }
}
