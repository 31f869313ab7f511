import { IsIn, IsOptional } from 'class-validator';
import { ERROR_CODES, type ErrorCode } from '../fields/error-codes.js';
import { IsId, IsNameToken } from '../fields/fields.js';
import { PageQuery } from './page.query.js';

/** `GET /v1/dead-letters` */
export class ListDeadLettersQuery extends PageQuery {
  @IsOptional()
  @IsId()
  cursor?: string;

  @IsOptional()
  @IsIn(ERROR_CODES)
  code?: ErrorCode;

  @IsOptional()
  @IsId()
  task?: string;

  @IsOptional()
  @IsNameToken()
  daemon?: string;
}
