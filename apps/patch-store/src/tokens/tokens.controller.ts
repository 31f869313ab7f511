import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import {
  ContractError,
  CreateTokenBody,
  ListTokensQuery,
  type CreatedToken,
  type TokenPage,
  type TokenView,
} from '#contracts';
import { Database, insertApiToken, listApiTokens, revokeApiToken, type ApiToken } from '#database';
import { IdPipe } from '../http/contract.pipe.js';
import { Needs } from '../http/needs.js';
import { NeverKept } from '../http/never-kept.js';
import { pageOf } from '../http/page.js';
import { digestOfApiToken, makeApiToken } from './api-token.js';

@Controller('v1/tokens')
export class TokensController {
  constructor(private readonly database: Database) {}

  /** 201 with the token, which is shown this once. An `Idempotency-Key` is ignored: no answer is kept. */
  @Post()
  @Needs('admin')
  @NeverKept()
  async create(@Body() { name, scopes, owner, pool }: CreateTokenBody): Promise<CreatedToken> {
    if (scopes.includes('admin') && (owner ?? pool) !== undefined) {
      const path = owner === undefined ? 'pool' : 'owner';
      throw new ContractError('FIELD_INVALID', 'A token with the scope "admin" is for every task.', path);
    }
    const token = makeApiToken();
    const created = await insertApiToken(this.database.manager, {
      id: uuidv7(),
      name,
      scopes,
      owner: owner ?? null,
      pool: pool ?? null,
      tokenSha256: digestOfApiToken(token)!,
    });
    return { ...tokenView(created), token };
  }

  /** Newest first, with those that are revoked. */
  @Get()
  @Needs('admin')
  async list(@Query() { cursor, limit }: ListTokensQuery): Promise<TokenPage> {
    const rows = await listApiTokens(this.database.manager, { before: cursor, limit: limit + 1 });
    const { items, last, hasMore } = pageOf(rows, limit);
    return { tokens: items.map(tokenView), nextCursor: hasMore ? last!.id : null };
  }

  /** Revokes it: it opens nothing from now on. May be sent twice. */
  @Delete(':id')
  @Needs('admin')
  async revoke(@Param('id', IdPipe) id: string): Promise<TokenView> {
    const token = await revokeApiToken(this.database.manager, id);
    if (!token) throw new ContractError('TOKEN_NOT_FOUND', `There is no token ${id}.`, 'id');
    return tokenView(token);
  }
}

function tokenView({ id, name, scopes, owner, pool, createdAt, revokedAt }: ApiToken): TokenView {
  return {
    id,
    name,
    scopes,
    owner,
    pool,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
