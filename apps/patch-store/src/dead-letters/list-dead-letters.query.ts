import { IsIn, IsOptional } from 'class-validator';
import { ERROR_CODES, IsId, IsNameToken, type ErrorCode } from '#contracts';
import { PageQuery } from '../http/page.query.js';

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
