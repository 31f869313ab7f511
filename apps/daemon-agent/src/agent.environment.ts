import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { VARIABLE_PATTERNS } from '#agents';
import { SECRET_POLICIES, type SecretPolicy } from '#git';
import {
  DAEMON_HEARTBEAT_SECONDS,
  MAX_PATCH_SIZE_BYTES,
  NAME_TOKEN,
  UNATTENDED_CHOICES,
  type Unattended,
} from '#contracts';
import { AppEnvironment } from '#runtime';

const NAME_TOKEN_RULE = 'must be 1 to 64 letters, digits, "-" or "_", starting with a letter or digit';

const UNATTENDED_RULE = 'must be ask-nothing, worktree or full';

const SECRETS_RULE = 'must be include, omit or hold';

const BUNDLE_CHOICES = ['auto', 'always', 'never'] as const;
export type BundleChoice = (typeof BUNDLE_CHOICES)[number];

/** The variables of daemon-agent. */
export class AgentEnvironment extends AppEnvironment {
  /**
   * Name of this daemon, the same after every restart. Default: generated once and kept in the state folder.
   */
  @IsOptional()
  @Matches(NAME_TOKEN, { message: NAME_TOKEN_RULE })
  PATCHPOINT_DAEMON_ID?: string;

  /** Tasks that name no daemon go to whichever daemon of their pool has a free slot. */
  @Matches(NAME_TOKEN, { message: NAME_TOKEN_RULE })
  PATCHPOINT_POOL: string = 'default';

  /** Worktrees, mirrors and the spool. Default: the XDG state folder. */
  @IsOptional()
  @IsString()
  PATCHPOINT_STATE_DIR?: string;

  /** Concurrent tasks of this daemon. */
  @IsInt()
  @Min(1)
  @Max(1000)
  PATCHPOINT_MAX_TASKS: number = 4;

  /** Store patches with checkpoints. Without them a lost worktree cannot be restored. */
  @IsBoolean()
  PATCHPOINT_PATCHES_ENABLED: boolean = true;

  /** Compressed; a larger patch is left out, which the checkpoint records. */
  @IsInt()
  @Min(1024, { message: 'must be at least 1024 bytes' })
  @Max(MAX_PATCH_SIZE_BYTES, { message: `must be at most ${MAX_PATCH_SIZE_BYTES} bytes (10 MiB)` })
  PATCHPOINT_MAX_PATCH_SIZE_BYTES: number = MAX_PATCH_SIZE_BYTES;

  /** How long a stored patch is kept. */
  @IsInt()
  @Min(1)
  @Max(24 * 366 * 10)
  PATCHPOINT_PATCH_TTL_HOURS: number = 168;

  /** Time between captures of a worktree; 0 switches them off. */
  @IsInt({ message: 'must be a whole number of seconds' })
  @Min(0, { message: 'must be 0 (off) or more' })
  @Max(86_400, { message: 'must be at most 86400 (a day)' })
  PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: number = 300;

  /**
   * Time between heartbeats, the sign that the daemon is alive. Keep it well below the
   * PATCHPOINT_DAEMON_TIMEOUT_SECONDS of the services.
   */
  @IsInt()
  @Min(1)
  @Max(60)
  PATCHPOINT_SIGN_OF_LIFE_SECONDS: number = DAEMON_HEARTBEAT_SECONDS;

  /** Also commit the changes to the task's branch at every capture. */
  @IsBoolean()
  PATCHPOINT_HEARTBEAT_COMMIT: boolean = true;

  /** Also push those commits to the source, if that works: whoever can read the source reads them. */
  @IsBoolean()
  PATCHPOINT_HEARTBEAT_PUSH: boolean = false;

  /** Untracked files above this are left out of captures and named as omissions. */
  @IsInt()
  @Min(0)
  PATCHPOINT_UNTRACKED_FILE_LIMIT_BYTES: number = 100 * 1024 * 1024;

  /** Untracked files of one worktree together; where they are more, the largest are left out and named. */
  @IsInt()
  @Min(0)
  PATCHPOINT_UNTRACKED_TOTAL_LIMIT_BYTES: number = 1024 * 1024 * 1024;

  /** Rules as in `.gitignore`, for every worktree: untracked files that they match are not captured. */
  @IsOptional()
  @IsString()
  PATCHPOINT_EXCLUDE_FILE?: string;

  /**
   * What becomes of files that look like secrets, by their names or contents: `include` takes them, and where
   * the next setting has it too nothing is searched; `omit` leaves them out and names them; `hold` keeps the
   * checkpoint here until `patchpoint hold` decides. Tracked files cannot be left out: with `omit`, they hold
   * the checkpoint.
   */
  @IsIn(SECRET_POLICIES, { message: SECRETS_RULE })
  PATCHPOINT_SECRETS: SecretPolicy = 'include';

  /** The same for files that were not searched, because of the three limits below. */
  @IsIn(SECRET_POLICIES, { message: SECRETS_RULE })
  PATCHPOINT_SECRETS_UNSCANNED: SecretPolicy = 'include';

  /** A larger file is not searched for secrets. */
  @IsInt()
  @Min(0)
  PATCHPOINT_SECRETS_FILE_LIMIT_BYTES: number = 1024 * 1024;

  /** What one capture searches for secrets, all new contents together; the next one goes on. */
  @IsInt()
  @Min(0)
  @Max(1024 * 1024 * 1024, { message: 'must be at most 1073741824 bytes (1 GiB)' })
  PATCHPOINT_SECRETS_SCAN_LIMIT_BYTES: number = 32 * 1024 * 1024;

  /** How long one capture may search for secrets. 0 searches no contents. */
  @IsInt()
  @Min(0)
  @Max(60_000)
  PATCHPOINT_SECRETS_SCAN_LIMIT_MILLISECONDS: number = 3000;

  /**
   * Total of unconfirmed checkpoints on this disk. Beyond it, older ones are evicted for newer ones of the
   * same attempt.
   */
  @IsInt()
  @Min(1024 * 1024, { message: 'must be at least 1048576 bytes (1 MiB)' })
  PATCHPOINT_SPOOL_LIMIT_BYTES: number = 2 * 1024 * 1024 * 1024;

  /** Git bundles in addition to diffs: `auto` where there are local commits or a bundle is much smaller. */
  @IsIn(BUNDLE_CHOICES, { message: 'must be auto, always or never' })
  PATCHPOINT_BUNDLES: BundleChoice = 'auto';

  /** Capture what agent programs record of their conversations, and continue them on other machines. */
  @IsBoolean()
  PATCHPOINT_CONVERSATIONS: boolean = true;

  /** How far agent programs may act while nobody watches, where a task does not say. */
  @IsIn(UNATTENDED_CHOICES, { message: UNATTENDED_RULE })
  PATCHPOINT_UNATTENDED: Unattended = 'worktree';

  /** The most that a task may ask for. A task that asks for more fails. Default: PATCHPOINT_UNATTENDED. */
  @IsOptional()
  @IsIn(UNATTENDED_CHOICES, { message: UNATTENDED_RULE })
  PATCHPOINT_UNATTENDED_MOST?: Unattended;

  /** Allow `file://` sources. Only for repositories that the owner of this machine controls. */
  @IsBoolean()
  PATCHPOINT_ALLOW_FILE_PROTOCOL: boolean = false;

  /** Time between SIGTERM and SIGKILL when an agent process is stopped. */
  @IsInt()
  @Min(0)
  @Max(3600)
  PATCHPOINT_TASK_STOP_SECONDS: number = 10;

  /** How long the setup command may run before it is stopped; the agent then starts without it. */
  @IsInt()
  @Min(1)
  @Max(86_400)
  PATCHPOINT_SETUP_TIMEOUT_SECONDS: number = 900;

  /**
   * When a task is stopped or its worktree is cleaned up, also end processes of its agent that left the
   * agent's process group and still work in the worktree.
   */
  @IsBoolean()
  PATCHPOINT_END_STRAYS: boolean = true;

  /** Only watch this worktree, and run no programs. Set by `patchpoint watch`. */
  @IsOptional()
  @IsString()
  PATCHPOINT_WATCH_DIR?: string;

  /**
   * Variables of the daemon that the programs of tasks get too: names, or their beginnings with a `*`,
   * separated by commas.
   */
  @IsOptional()
  @Matches(VARIABLE_PATTERNS, {
    message: 'must be names of variables, or their beginnings with a "*", separated by commas',
  })
  PATCHPOINT_AGENT_ENVIRONMENT?: string;

  /**
   * The user that agents run as. A daemon that is started by root becomes that user, once it has read its key
   * for NATS.
   */
  @IsOptional()
  @IsString()
  PATCHPOINT_AGENT_USER?: string;

  /** JSON file that adds runners or replaces the built-in ones. */
  @IsOptional()
  @IsString()
  PATCHPOINT_RUNNERS_FILE?: string;
}
