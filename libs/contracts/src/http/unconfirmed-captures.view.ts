import { IsCount, OrNull } from '../fields/fields.js';

/**
 * Captures in the spool of the daemon that holds the current attempt which it has not seen stored yet. They
 * are lost if its disk is.
 */
export class UnconfirmedCapturesView {
  @IsCount()
  count!: number;

  /** How long the oldest of them has waited by now. Null: there is none. */
  @OrNull()
  @IsCount()
  oldestAgeSeconds!: number | null;

  /**
   * How long ago the daemon reported this. It does so in every heartbeat; for a dead daemon it is the last
   * known state.
   */
  @IsCount()
  saidAgeSeconds!: number;
}
