import { homedir, hostname } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { isMoreThan, type Unattended } from '#contracts';
import { loadRunners, readVariablePatterns, type Inheritance, type Runners } from '#agents';
import type { ScanLimits, SecretPolicies } from '#git';
import { appConfig, ConfigurationError, readEnvironment, type AppConfig } from '#runtime';
import { AgentEnvironment, type BundleChoice } from './agent.environment.js';

/** How and whether patches are made. */
export interface PatchConfig {
  enabled: boolean;
  maxSizeBytes: number;
  ttlHours: number;
}

export interface AgentConfig extends AppConfig {
  daemonId?: string;
  pool: string;
  hostname: string;
  stateDir: string;
  maxTasks: number;
  patches: PatchConfig;
  captureIntervalSeconds: number;
  signOfLifeSeconds: number;
  heartbeatCommit: boolean;
  heartbeatPush: boolean;
  bundles: BundleChoice;
  untrackedFileLimitBytes: number;
  untrackedTotalLimitBytes: number;
  excludeFile?: string;
  /** What is done about files that look like secrets. */
  secrets: { policies: SecretPolicies; limits: ScanLimits };
  spoolLimitBytes: number;
  conversations: boolean;
  unattended: Unattended;
  /** What a task may ask for at most. */
  unattendedMost: Unattended;
  allowFileProtocol: boolean;
  taskStopSeconds: number;
  setupTimeoutSeconds: number;
  endStrays: boolean;
  /** The worktree that this daemon watches; absent for one that runs tasks. */
  watchDir?: string;
  /** Those of PATCHPOINT_RUNNERS_FILE too: a wrong file is said before anything is started. */
  runners: Runners;
  /** What the programs of tasks may inherit of our environment. */
  inheritance: Inheritance;
}

/** @throws ConfigurationError naming the variables that are wrong */
export function readAgentConfig(variables: NodeJS.ProcessEnv): AgentConfig {
  const environment = readEnvironment(AgentEnvironment, variables);
  const stateDir = resolve(environment.PATCHPOINT_STATE_DIR ?? defaultStateDir(variables));
  return {
    ...appConfig(environment),
    daemonId: environment.PATCHPOINT_DAEMON_ID,
    pool: environment.PATCHPOINT_POOL,
    hostname: hostname(),
    stateDir,
    maxTasks: environment.PATCHPOINT_MAX_TASKS,
    patches: {
      enabled: environment.PATCHPOINT_PATCHES_ENABLED,
      maxSizeBytes: environment.PATCHPOINT_MAX_PATCH_SIZE_BYTES,
      ttlHours: environment.PATCHPOINT_PATCH_TTL_HOURS,
    },
    captureIntervalSeconds: environment.PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS,
    signOfLifeSeconds: environment.PATCHPOINT_SIGN_OF_LIFE_SECONDS,
    // Never in a worktree that a person works in.
    heartbeatCommit:
      environment.PATCHPOINT_HEARTBEAT_COMMIT && environment.PATCHPOINT_WATCH_DIR === undefined,
    heartbeatPush: environment.PATCHPOINT_HEARTBEAT_PUSH,
    bundles: environment.PATCHPOINT_BUNDLES,
    untrackedFileLimitBytes: environment.PATCHPOINT_UNTRACKED_FILE_LIMIT_BYTES,
    untrackedTotalLimitBytes: environment.PATCHPOINT_UNTRACKED_TOTAL_LIMIT_BYTES,
    excludeFile: environment.PATCHPOINT_EXCLUDE_FILE && resolve(environment.PATCHPOINT_EXCLUDE_FILE),
    secrets: {
      policies: {
        found: environment.PATCHPOINT_SECRETS,
        unscanned: environment.PATCHPOINT_SECRETS_UNSCANNED,
      },
      limits: {
        fileLimitBytes: environment.PATCHPOINT_SECRETS_FILE_LIMIT_BYTES,
        totalLimitBytes: environment.PATCHPOINT_SECRETS_SCAN_LIMIT_BYTES,
        timeLimitMilliseconds: environment.PATCHPOINT_SECRETS_SCAN_LIMIT_MILLISECONDS,
      },
    },
    spoolLimitBytes: environment.PATCHPOINT_SPOOL_LIMIT_BYTES,
    conversations: environment.PATCHPOINT_CONVERSATIONS,
    unattended: environment.PATCHPOINT_UNATTENDED,
    unattendedMost: unattendedMost(environment),
    allowFileProtocol: environment.PATCHPOINT_ALLOW_FILE_PROTOCOL,
    taskStopSeconds: environment.PATCHPOINT_TASK_STOP_SECONDS,
    setupTimeoutSeconds: environment.PATCHPOINT_SETUP_TIMEOUT_SECONDS,
    endStrays: environment.PATCHPOINT_END_STRAYS,
    watchDir: environment.PATCHPOINT_WATCH_DIR,
    runners: loadRunners(environment.PATCHPOINT_RUNNERS_FILE),
    inheritance: {
      variables: belowState(variables, stateDir),
      named: readVariablePatterns(environment.PATCHPOINT_AGENT_ENVIRONMENT),
    },
  };
}

/**
 * An agent that has lost its `.git` must not find a repository that the state folder happens to lie in, such
 * as the checkout that `npm start` runs in: git looks no further up than here.
 */
function belowState(variables: NodeJS.ProcessEnv, stateDir: string): NodeJS.ProcessEnv {
  const ceilings = [variables['GIT_CEILING_DIRECTORIES'], stateDir].filter(Boolean).join(delimiter);
  return { ...variables, GIT_CEILING_DIRECTORIES: ceilings };
}

function unattendedMost({ PATCHPOINT_UNATTENDED: each, PATCHPOINT_UNATTENDED_MOST: most }: AgentEnvironment) {
  if (most === undefined || !isMoreThan(each, most)) return most ?? each;
  throw new ConfigurationError([
    `PATCHPOINT_UNATTENDED_MOST is "${most}": it must not be less than PATCHPOINT_UNATTENDED, which is "${each}".`,
  ]);
}

function defaultStateDir(variables: NodeJS.ProcessEnv): string {
  return join(variables['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'patchpoint', 'agent');
}
