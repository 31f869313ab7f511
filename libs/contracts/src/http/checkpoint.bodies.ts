import { Type } from 'class-transformer';
import { IsOptional, MinLength } from 'class-validator';
import { IsOrdinal } from '../fields/fields.js';
import { PageQuery } from './page.query.js';
import { IsProse } from '../fields/task-fields.js';

/** `POST /v1/tasks/{id}/checkpoints` */
export class CreateCheckpointBody {
  @IsProse()
  @MinLength(1)
  message!: string;
}

/** `GET /v1/tasks/{id}/checkpoints` */
export class ListCheckpointsQuery extends PageQuery {
  @IsOptional()
  @Type(() => Number)
  @IsOrdinal()
  cursor?: number;
}
