import { homedir } from 'node:os';
import { join } from 'node:path';
import { userConfigEnvironment } from '../run/git-environment.js';
import { nulSeparated, runGit, type GitCall } from '../run/run-git.js';

/** The settings of a worktree's owner that decide what is captured. */
export interface UserSettings {
  /**
   * The file of ignore rules that the user's own git would use in this worktree (`core.excludesFile`, or
   * git's default place). Without them a capture would pick up every editor's swap file.
   */
  excludesFile: string;
  /** For converting line ends, as `key=value`. */
  lineEnds: string[];
}

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
    args: ['config', '-z', '--show-scope', '--get-regexp', String.raw`^core\.(autocrlf|eol|excludesfile)$`],
    expectedExitCodes: [0, 1],
  });
  const records = nulSeparated(stdout).map((record) => record.toString('utf8'));
  const lineEnds: string[] = [];
  let excludesFile: string | undefined;
  for (let at = 0; at + 1 < records.length; at += 2) {
    const setting = records[at + 1]!;
    if (setting.startsWith('core.excludesfile')) excludesFile = setting;
    // What this program sets itself on every call is listed as well.
    else if (records[at] !== 'command') lineEnds.push(setting.replace('\n', '='));
  }
  return { excludesFile: await resolveExcludesFile(call, excludesFile), lineEnds };
}

type SettingsCall = Pick<GitCall, 'gitDir' | 'signal'> & { cwd: string };

/** @param setting a key, and after a line break its value; undefined where there is none */
async function resolveExcludesFile(call: SettingsCall, setting: string | undefined): Promise<string> {
  if (setting === undefined) return defaultExcludesFile();
  const value = /^[^\n]*\n([^~%].*)$/s.exec(setting)?.[1];
  return value ?? readAsPath(call);
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
