import { IsOptional } from 'class-validator';
import { IsId, IsNameToken } from '../fields/fields.js';
import { IsScopes, type Scope } from '../fields/scopes.js';
import { PageQuery } from './page.query.js';

/** `POST /v1/tokens` */
export class CreateTokenBody {
  /** Whom or what it is for. */
  @IsNameToken()
  name!: string;

  @IsScopes()
  scopes!: Scope[];
}

/** `GET /v1/tokens` */
export class ListTokensQuery extends PageQuery {
  @IsOptional()
  @IsId()
  cursor?: string;
}
