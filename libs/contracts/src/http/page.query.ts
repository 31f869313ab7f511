import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/**
 * How much of a list to show. Each list has its own `cursor` to continue from: the `nextCursor` of the
 * previous page.
 */
export abstract class PageQuery {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}
