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

  /** It opens the tasks of this owner alone, and those that it creates are this owner's. Not with `admin`. */
  @IsOptional()
  @IsNameToken()
  owner?: string;

  /** It opens the tasks of this pool alone. With `owner`: that owner's in that pool. Not with `admin`. */
  @IsOptional()
  @IsNameToken()
  pool?: string;
}

/** `GET /v1/tokens` */
export class ListTokensQuery extends PageQuery {
  @IsOptional()
  @IsId()
  cursor?: string;
}
