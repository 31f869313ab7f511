import { IsIn } from 'class-validator';
import { IsOrdinal, IsText, IsTimestamp } from '../fields/fields.js';
import { TaskMessage } from '../wire/message.js';

/** `system` is from Patchpoint; the other two are from the agent process. */
export const OUTPUT_STREAMS = ['stdout', 'stderr', 'system'] as const;
export type OutputStream = (typeof OUTPUT_STREAMS)[number];

/** A piece of a task's output. Best effort: kept 24 h within a byte limit, and it never delays the agent. */
export class TaskOutput extends TaskMessage {
  @IsIn(OUTPUT_STREAMS)
  stream!: OutputStream;

  /** One or more whole lines, or a piece of a very long one; line ends kept. */
  @IsText(64 * 1024)
  text!: string;

  /** 1, 2, … per attempt and sender, to put pieces in order. */
  @IsOrdinal()
  outputSequence!: number;

  @IsTimestamp()
  at!: string;
}
