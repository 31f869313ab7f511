import { homedir } from 'node:os';
import { join } from 'node:path';
import { userConfigEnvironment } from '../run/git-environment.js';
import { nulSeparated, runGit } from '../run/run-git.js';

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

/** Reads them all in one process. */
export async function readUserSettings(worktreeDir: string, signal?: AbortSignal): Promise<UserSettings> {
  const { stdout } = await runGit({
    purpose: `reading the settings of ${worktreeDir}`,
    cwd: worktreeDir,
    environment: userConfigEnvironment(),
    args: ['config', '-z', '--show-scope', '--get-regexp', String.raw`^core\.(autocrlf|eol|excludesfile)$`],
    expectedExitCodes: [0, 1],
    signal,
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
  return { excludesFile: await resolveExcludesFile(worktreeDir, excludesFile, signal), lineEnds };
}

/** @param setting a key, and after a line break its value; undefined where there is none */
async function resolveExcludesFile(
  worktreeDir: string,
  setting: string | undefined,
  signal?: AbortSignal,
): Promise<string> {
  if (setting === undefined) return defaultExcludesFile();
  const value = /^[^\n]*\n([^~%].*)$/s.exec(setting)?.[1];
  return value ?? readAsPath(worktreeDir, signal);
}

function defaultExcludesFile(): string {
  return join(userConfigEnvironment()['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'git', 'ignore');
}

/** Lets git expand `~/`, `~user/` and `%(prefix)/`. */
async function readAsPath(worktreeDir: string, signal?: AbortSignal): Promise<string> {
  const { stdout } = await runGit({
    purpose: `reading core.excludesFile of ${worktreeDir}`,
    cwd: worktreeDir,
    environment: userConfigEnvironment(),
    args: ['config', '-z', '--type=path', '--get', 'core.excludesFile'],
    signal,
  });
  return stdout.toString('utf8').replace(/\0$/, '');
}
