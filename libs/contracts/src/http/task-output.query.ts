import { IsOptional } from 'class-validator';
import { IsTimestamp } from '../fields/fields.js';

/** `GET /v1/tasks/{id}/output` */
export class TaskOutputQuery {
  /** Begin with the first output that was sent at or after this time. Absent: with the next one. */
  @IsOptional()
  @IsTimestamp()
  since?: string;
}
