import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/**
 * How much of a list to show. Where it goes on is each list's own `cursor`: `nextCursor` of the page before.
 */
export abstract class PageQuery {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}
