import { Type } from 'class-transformer';
import { IsOptional, MinLength } from 'class-validator';
import { IsOrdinal, IsText } from '../fields/fields.js';
import { PageQuery } from './page.query.js';

/** `POST /v1/tasks/{id}/checkpoints` */
export class CreateCheckpointBody {
  @IsText(8000)
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
