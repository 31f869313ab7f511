import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, Matches, ValidateNested } from 'class-validator';
import { IsCount, IsNameToken, IsOrdinal, IsSha256 } from './fields.js';
import { MAX_CONVERSATION_BYTES, MAX_CONVERSATION_FILES } from './limits.js';

/**
 * Names of folders and files with `/` between them, in printable ASCII: none is empty, `.` or `..`, none
 * starts with `-`. 300 characters at most: a manifest of the most files still fits beside all else in its
 * message.
 */
const RELATIVE_PATH =
  /^(?=.{1,300}$)(?!-)(?!\.{1,2}(?:\/|$))[ -.0-[\]-~]+(?:\/(?!-)(?!\.{1,2}(?:\/|$))[ -.0-[\]-~]+)*$/;

/** Whether a file of that path can be part of a conversation. */
export function isConversationPath(path: string): boolean {
  return RELATIVE_PATH.test(path);
}

/** An id that a program gives its conversations: safe as a part of a file name and of a command line. */
export const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** One file of an agent program's own record of its conversation, as it was at a capture. */
export class ConversationFile {
  /**
   * Relative to the program's home. `{cwdSlug}` stands for the name that the program derives from its working
   * directory, which is another one on another machine.
   */
  @Matches(RELATIVE_PATH, {
    message: '$property must be a relative path of at most 300 printable characters without "." and ".."',
  })
  path!: string;

  /** Up to the end of its last whole line. */
  @IsCount(MAX_CONVERSATION_BYTES)
  lengthBytes!: number;

  /** Of those bytes. */
  @IsSha256()
  sha256!: string;

  /** 1, 2, … per attempt: raised when the program has rewritten the file instead of appending to it. */
  @IsOrdinal()
  generation!: number;
}

/**
 * What an agent program has recorded of its conversation. Its bytes are stored apart, by attempt and file.
 */
export class Conversation {
  /** The runner whose program wrote it. */
  @IsNameToken()
  runner!: string;

  /** By which the program continues it. */
  @Matches(SESSION_ID, { message: '$property must be 1 to 128 letters, digits, "-" or "_"' })
  sessionId!: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_CONVERSATION_FILES)
  @ValidateNested({ each: true })
  @Type(() => ConversationFile)
  files!: ConversationFile[];

  /** Lines of all files together: a measure for people. */
  @IsCount()
  linesCount!: number;
}

/** A file, and which of its bytes a message carries. */
export class CarriedConversationFile extends ConversationFile {
  /** The message carries the bytes from here on; those before it are stored. */
  @IsCount(MAX_CONVERSATION_BYTES)
  fromByte!: number;
}

/** A conversation in the message that brings its newest bytes. */
export class CarriedConversation extends Conversation {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_CONVERSATION_FILES)
  @ValidateNested({ each: true })
  @Type(() => CarriedConversationFile)
  declare files: CarriedConversationFile[];
}

export const IsConversation = () =>
  applyDecorators(
    IsOptional(),
    ValidateNested(),
    Type(() => Conversation),
  );

export const IsCarriedConversation = () =>
  applyDecorators(
    ValidateNested(),
    Type(() => CarriedConversation),
  );
