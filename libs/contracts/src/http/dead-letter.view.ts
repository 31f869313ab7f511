import { Type } from 'class-transformer';
import { IsArray, IsIn, IsObject, IsString, ValidateNested } from 'class-validator';
import { ERROR_CODES, type ErrorCode } from '../fields/error-codes.js';
import { IsCount, IsId, IsStrictBase64, IsText, IsTimestamp, OrNull } from '../fields/fields.js';

/** A message that was refused for good. */
export class DeadLetterSummary {
  @IsId()
  id!: string;

  /** The durable consumer that refused it. */
  @IsText(255)
  consumer!: string;

  @IsString()
  subject!: string;

  @IsIn(ERROR_CODES)
  code!: ErrorCode;

  /** The field at fault. Null: none is. */
  @OrNull()
  @IsString()
  path!: string | null;

  @IsString()
  reason!: string;

  /** As far as it could be read, like the next two. */
  @OrNull()
  @IsString()
  daemonId!: string | null;

  @OrNull()
  @IsId()
  taskId!: string | null;

  @OrNull()
  @IsId()
  eventId!: string | null;

  @IsCount()
  deliveredCount!: number;

  /** Of the message as it came: more than `payload` has where that is cut. Null: kept by an older version. */
  @OrNull()
  @IsCount()
  payloadSizeBytes!: number | null;

  /** By the database's clock, like the next one. */
  @IsTimestamp()
  createdAt!: string;

  /** When it was last sent again. Null: never, or it was refused again since. */
  @OrNull()
  @IsTimestamp()
  replayedAt!: string | null;
}

/** One dead letter, with the message. */
export class DeadLetterView extends DeadLetterSummary {
  @IsObject()
  headers!: Record<string, string>;

  /** The bytes of the message; of a large one, the first 262,144. */
  @IsStrictBase64()
  payload!: string;

  /** The same as text. Null: it is not UTF-8. */
  @OrNull()
  @IsString()
  payloadText!: string | null;
}

/** A page of dead letters, newest first. */
export class DeadLetterPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DeadLetterSummary)
  deadLetters!: DeadLetterSummary[];

  /** The `cursor` of the next page. Null: this was the last one. */
  @OrNull()
  @IsId()
  nextCursor!: string | null;
}
