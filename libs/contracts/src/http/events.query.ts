import { IsIn, IsOptional } from 'class-validator';
import { IsId, IsNameToken, IsTimestamp } from '../fields/fields.js';
import { EVENT_KINDS, type EventKind } from '../subjects/subjects.js';

/** `GET /v1/events` */
export class EventsQuery {
  @IsOptional()
  @IsId()
  task?: string;

  /** Events of tasks that this daemon held at the time. */
  @IsOptional()
  @IsNameToken()
  daemon?: string;

  @IsOptional()
  @IsIn(EVENT_KINDS)
  kind?: EventKind;

  /**
   * Begin with the first event that was announced at or after this time, as far as events are kept. Absent:
   * with the next one.
   */
  @IsOptional()
  @IsTimestamp()
  since?: string;
}
