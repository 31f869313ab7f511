import { homedir } from 'node:os';
import { join } from 'node:path';
import { userConfigEnvironment } from './git-environment.js';
import { runGit } from './run-git.js';

/**
 * The file of ignore rules that the user's own git would use in this worktree (`core.excludesFile`, or git's default place).
 * Without them a capture would pick up every editor's swap file.
 */
export async function findUserExcludes(worktreeDir: string, signal?: AbortSignal): Promise<string> {
  const environment = userConfigEnvironment();
  const { exitCode, stdout } = await runGit({
    purpose: `reading core.excludesFile of ${worktreeDir}`,
    cwd: worktreeDir,
    environment,
    args: ['config', '-z', '--type=path', '--get', 'core.excludesFile'],
    expectedExitCodes: [0, 1],
    signal,
  });
  if (exitCode === 0) return stdout.toString('utf8').replace(/\0$/, '');
  return join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'git', 'ignore');
}
