import { Type } from 'class-transformer';
import { IsIn, IsOptional, ValidateNested } from 'class-validator';
import { ERROR_CODES, type ErrorCode } from '../fields/error-codes.js';
import { IsText } from '../fields/fields.js';
import { IsProse } from '../fields/task-fields.js';

export class ErrorReplyBody {
  /**
   * `INTERNAL` is an error of the server, `BUSY` says that this daemon asks too much at once: the same
   * request may succeed later.
   */
  @IsIn([...ERROR_CODES, 'INTERNAL', 'BUSY'])
  code!: ErrorCode | 'INTERNAL' | 'BUSY';

  @IsProse()
  message!: string;

  @IsOptional()
  @IsText(1000)
  path?: string;
}

/** The reply to a request that was refused. A reply has an `error` field exactly when it is one of these. */
export class ErrorReply {
  @ValidateNested()
  @Type(() => ErrorReplyBody)
  error!: ErrorReplyBody;
}
