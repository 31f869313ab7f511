import { homedir } from 'node:os';
import { join } from 'node:path';
import { userConfigEnvironment } from '../run/git-environment.js';
import { nulSeparated, runGit, type GitCall } from '../run/run-git.js';

/** The settings of a worktree's owner that decide what is captured, and who commits. */
export interface UserSettings {
  /**
   * The file of ignore rules that the user's own git would use in this worktree (`core.excludesFile`, or
   * git's default place). Without them a capture would pick up every editor's swap file.
   */
  excludesFile: string;
  /** For converting line ends, as `key=value`. */
  lineEnds: string[];
  /** Names of the filter drivers that are defined, such as `filter.lfs`. */
  filters: string[];
  userName: string | null;
  userEmail: string | null;
}

const READ = String.raw`^(core\.(autocrlf|eol|excludesfile)|filter\..*|user\.(name|email))$`;

/**
 * Reads them all in one process.
 *
 * @param gitDir of the worktree; by default what git finds there
 */
export async function readUserSettings(
  worktreeDir: string,
  gitDir?: string,
  signal?: AbortSignal,
): Promise<UserSettings> {
  const call = { cwd: worktreeDir, ...(gitDir !== undefined && { gitDir }), signal };
  const { stdout } = await runGit({
    ...call,
    purpose: `reading the settings of ${worktreeDir}`,
    environment: userConfigEnvironment(),
    args: ['config', '-z', '--show-scope', '--get-regexp', READ],
    expectedExitCodes: [0, 1],
  });
  const settings = parseSettings(stdout);
  const last = (key: string): string | undefined =>
    settings.findLast((setting) => setting.key === key)?.value;
  const lineEnds = settings
    // What this program sets itself on every call is listed as well.
    .filter(({ key, scope }) => scope !== 'command' && /^core\.(autocrlf|eol)$/.test(key))
    .map(({ key, value }) => (value === undefined ? key : `${key}=${value}`));
  const filters = settings.map(({ key }) => key).filter((key) => key.startsWith('filter.'));
  const hasExcludes = settings.some(({ key }) => key === 'core.excludesfile');
  return {
    excludesFile: hasExcludes
      ? await resolveExcludesFile(call, last('core.excludesfile'))
      : defaultExcludesFile(),
    lineEnds,
    filters: [...new Set(filters.map((key) => key.slice(0, key.lastIndexOf('.'))))],
    userName: last('user.name')?.trim() || null,
    userEmail: last('user.email')?.trim() || null,
  };
}

interface Setting {
  scope: string;
  key: string;
  /** Undefined for a key alone, which means true. */
  value: string | undefined;
}

/** Pure: scopes and settings in turn, a key and its value with a line break between them. */
function parseSettings(listed: Buffer): Setting[] {
  const records = nulSeparated(listed).map((record) => record.toString('utf8'));
  const settings: Setting[] = [];
  for (let at = 0; at + 1 < records.length; at += 2) {
    const setting = records[at + 1]!;
    const end = setting.indexOf('\n');
    const [key, value] = end === -1 ? [setting, undefined] : [setting.slice(0, end), setting.slice(end + 1)];
    settings.push({ scope: records[at]!, key, value });
  }
  return settings;
}

type SettingsCall = Pick<GitCall, 'gitDir' | 'signal'> & { cwd: string };

async function resolveExcludesFile(call: SettingsCall, value: string | undefined): Promise<string> {
  return value !== undefined && /^[^~%]/.test(value) ? value : readAsPath(call);
}

function defaultExcludesFile(): string {
  return join(userConfigEnvironment()['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'git', 'ignore');
}

/** Lets git expand `~/`, `~user/` and `%(prefix)/`. */
async function readAsPath(call: SettingsCall): Promise<string> {
  const { stdout } = await runGit({
    ...call,
    purpose: `reading core.excludesFile of ${call.cwd}`,
    environment: userConfigEnvironment(),
    args: ['config', '-z', '--type=path', '--get', 'core.excludesFile'],
  });
  return stdout.toString('utf8').replace(/\0$/, '');
}
