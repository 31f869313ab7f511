import { IsIn, IsOptional } from 'class-validator';
import { IsText, IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';

export const CAPTURE_HEALTH_KINDS = ['captures-failing', 'captures-recovered'] as const;
export type CaptureHealthKind = (typeof CAPTURE_HEALTH_KINDS)[number];

/**
 * patch-store → anyone: a task's worktree cannot be captured any more, or can be again. Once for each change,
 * however many captures fail in between.
 */
export class CaptureHealthChanged extends TaskMessage {
  @IsIn(CAPTURE_HEALTH_KINDS)
  kind!: CaptureHealthKind;

  /** Since when captures fail, or did. By the database's clock. */
  @IsTimestamp()
  failingSince!: string;

  /** With `captures-failing`. */
  @IsOptional()
  @IsText(500)
  reason?: string;

  /** By the database's clock. */
  @IsTimestamp()
  at!: string;
}
