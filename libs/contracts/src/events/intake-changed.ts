import { IsIn } from 'class-validator';
import { IsCount, IsText, IsTimestamp } from '../fields/fields.js';
import { Message } from '../wire/message.js';

export const INTAKE_KINDS = ['intake-stalled', 'intake-recovered'] as const;
export type IntakeKind = (typeof INTAKE_KINDS)[number];

/**
 * checkpoint-ingest or patch-store → anyone: a message has waited for too long to be handled, or none does
 * any more. At least once for each change. In the subject `_` stands for daemon and task.
 */
export class IntakeChanged extends Message {
  @IsIn(INTAKE_KINDS)
  kind!: IntakeKind;

  /** The durable consumer whose messages wait. */
  @IsText(255)
  consumer!: string;

  /** Age of the oldest message that is neither stored nor buried nor set aside. */
  @IsCount()
  oldestAgeSeconds!: number;

  /** Messages that wait. */
  @IsCount()
  messages!: number;

  /** By the clock of the service. */
  @IsTimestamp()
  at!: string;
}
