import type { Unattended } from '#contracts';
import { MCP_FORMATS, type McpFormat } from './mcp-tools.js';
import { HOOK_FORMATS, type HookFormat } from './hooks.js';
import { VARIABLE_PATTERN } from './inherited-variables.js';
import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  ValidateNested,
} from 'class-validator';

const IsTexts = () => (target: object, property: string) => {
  IsArray()(target, property);
  IsString({ each: true, message: '$property must be a list of texts' })(target, property);
};

/** Below a home: never out of it. */
const BELOW = /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+$/;

const ArePathsBelow = () => (target: object, property: string) => {
  IsTexts()(target, property);
  Matches(BELOW, { each: true, message: '$property must be paths below the home, without ".."' })(
    target,
    property,
  );
};

/** What a program is given for each choice of `unattended`. */
export class Permissions {
  /** It may read and change what is in its worktree, and run commands there. */
  @IsTexts()
  worktree!: string[];

  /** It may do whatever the daemon's user may. */
  @IsTexts()
  full!: string[];

  /** Whatever would need a question is refused. */
  @IsTexts()
  'ask-nothing'!: string[];
}

/** How the id of a program's conversation becomes known. */
export class Session {
  /** `given`: chosen by the daemon, `{sessionId}` in `start`. `learned`: read from the program's output. */
  @IsIn(['given', 'learned'])
  id!: 'given' | 'learned';

  /** Of the line of JSON that names it: its `type`. With `learned`. */
  @IsOptional()
  @IsString()
  lineType?: string;

  /** The field of that line. With `learned`. */
  @IsOptional()
  @IsString()
  lineField?: string;
}

/**
 * The program's own commands for its conversations, for one whose files cannot be copied: a database, or
 * files that name the machine. Both are run in the worktree, with the home of the task. Placeholders:
 * `{sessionId}`, and in `import` `{file}`.
 */
export class ConversationCommands {
  /** Prints the conversation; fails when there is none of that id. */
  @IsTexts()
  @ArrayMinSize(1)
  export!: string[];

  /** Takes it from a file that holds what `export` printed. */
  @IsTexts()
  @ArrayMinSize(1)
  import!: string[];
}

/**
 * Where a program records its conversation, below a home of its own for each task: as `files`, or as what its
 * `commands` print and take.
 */
export class ConversationHome {
  /** The variable that tells the program where its home is. */
  @Matches(/^[A-Z][A-Z0-9_]*$/, { message: '$property must be the name of an environment variable' })
  variable!: string;

  /** The home that the program uses otherwise; `~` is the daemon's user's home. */
  @IsString()
  usual!: string;

  /**
   * What the program needs of its usual home: linked into the task's, never captured. `*` stands for whatever
   * else is there, but for the folders that the other names are in.
   */
  @ArePathsBelow()
  passOn!: string[];

  /**
   * The files of the conversation, the agent's own before those of sub-agents: relative paths in which `*`
   * stands for any part of a name, `**` for any folders, `{sessionId}` and `{cwdSlug}` for these. Nothing
   * else is captured.
   */
  @IsOptional()
  @ArePathsBelow()
  @ArrayMinSize(1)
  files?: string[];

  @IsOptional()
  @ValidateNested()
  @Type(() => ConversationCommands)
  commands?: ConversationCommands;
}

/**
 * How an agent program is started and continued, as data.
 *
 * Every argument may contain placeholders: `{planFile}` (a file with the plan), `{prompt}` (a short text that
 * tells the agent what to do), `{sessionId}`, `{gitDir}` (the repository of the worktree), `{handoverDir}`
 * (the folder of the files that the daemon hands over), in `fork` also `{forkedSessionId}`; so may the values
 * of its variables. An argument `{permissions}` is replaced by those of the choice, `{hooks}` by those that
 * make the program report its steps, `{mcp}` by those that offer it the tools of its task. The plan itself is
 * never an argument: it may be larger than a command line allows.
 */
export class Runner {
  /** Program and arguments of a first start. */
  @IsTexts()
  @ArrayMinSize(1)
  start!: string[];

  /** Program and arguments that continue the program's own conversation; absent if it cannot do that. */
  @IsOptional()
  @IsTexts()
  @ArrayMinSize(1)
  continue?: string[];

  /**
   * Program and arguments that go on from the conversation `{forkedSessionId}` in one of its own, and leave
   * that one as it was; absent if it cannot do that.
   */
  @IsOptional()
  @IsTexts()
  @ArrayMinSize(1)
  fork?: string[];

  /** What a person runs to go on with a conversation: `{sessionId}` is its id. */
  @IsOptional()
  @IsTexts()
  @ArrayMinSize(1)
  byHand?: string[];

  /** What the process reads from standard input. */
  @IsIn(['prompt', 'nothing'])
  stdin!: 'prompt' | 'nothing';

  /**
   * Variables of the daemon that its programs get, beside those that every program gets: names, or their
   * beginnings with a `*`.
   */
  @IsOptional()
  @IsTexts()
  @Matches(VARIABLE_PATTERN, {
    each: true,
    message: '$property must be names of variables, or begin them and end with "*"',
  })
  inherits?: string[];

  /** Variables of its environment. */
  @IsOptional()
  @IsObject()
  environment?: Record<string, string>;

  @IsOptional()
  @ValidateNested()
  @Type(() => Permissions)
  permissions?: Permissions;

  /** Variables that go with a choice of permissions. */
  @IsOptional()
  @IsObject()
  permissionsEnvironment?: Partial<Record<Unattended, Record<string, string>>>;

  /**
   * How the program is told to report its steps, for checkpoints at the boundaries of its work: by a file
   * that `{hooks}` becomes an argument for (`claude-code`), or by arguments alone (`codex`).
   */
  @IsOptional()
  @IsIn(HOOK_FORMATS)
  hooks?: HookFormat;

  /** How the program is offered the tools of its task, by `{mcp}`. */
  @IsOptional()
  @IsIn(MCP_FORMATS)
  mcp?: McpFormat;

  @IsOptional()
  @ValidateNested()
  @Type(() => Session)
  session?: Session;

  @IsOptional()
  @ValidateNested()
  @Type(() => ConversationHome)
  conversation?: ConversationHome;
}
