import { IsCount, OrNull } from '../fields/fields.js';

/**
 * Captures in the spool of the daemon that holds the current attempt which it has not seen stored yet: lost,
 * if its disk is.
 */
export class UnconfirmedCapturesView {
  @IsCount()
  count!: number;

  /** How long the oldest of them has waited by now. Null: there is none. */
  @OrNull()
  @IsCount()
  oldestAgeSeconds!: number | null;

  /**
   * How long ago the daemon said so. It does with every sign of life; of a dead one it is the last that is
   * known.
   */
  @IsCount()
  saidAgeSeconds!: number;
}
