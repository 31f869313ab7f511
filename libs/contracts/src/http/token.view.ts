import { Type } from 'class-transformer';
import { IsArray, IsString, ValidateNested } from 'class-validator';
import { IsId, IsNameToken, IsTimestamp, OrNull } from '../fields/fields.js';
import { IsScopes, type Scope } from '../fields/scopes.js';

/** A token for this API, without the token. */
export class TokenView {
  @IsId()
  id!: string;

  /** Whom or what it is for. */
  @IsNameToken()
  name!: string;

  @IsScopes()
  scopes!: Scope[];

  /** It opens the tasks of this owner alone. Null: of everybody. */
  @OrNull()
  @IsNameToken()
  owner!: string | null;

  /** It opens the tasks of this pool alone. Null: of every pool. */
  @OrNull()
  @IsNameToken()
  pool!: string | null;

  /** By the database's clock, like the next one. */
  @IsTimestamp()
  createdAt!: string;

  /** Since then it opens nothing. Null: it is valid. */
  @OrNull()
  @IsTimestamp()
  revokedAt!: string | null;
}

/** A new token. */
export class CreatedToken extends TokenView {
  /** For `Authorization: Bearer`. Only its digest is kept: nobody can be shown it again. */
  @IsString()
  token!: string;
}

/** A page of tokens, newest first, with those that are revoked. */
export class TokenPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TokenView)
  tokens!: TokenView[];

  /** The `cursor` of the next page. Null: this was the last one. */
  @OrNull()
  @IsId()
  nextCursor!: string | null;
}
