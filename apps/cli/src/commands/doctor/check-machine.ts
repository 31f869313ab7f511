import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { size } from '../../output/format.js';
import { configFilePath } from '../../settings/config-file.js';
import { stateFolder } from '../../settings/xdg.js';
import { ok, problem, warning, type Finding } from './finding.js';

const OLDEST_GIT = [2, 36] as const;
const SCARCE_BYTES = 1024 ** 3;

export async function checkGit(): Promise<Finding> {
  const { stdout, failed } = await execa('git', ['--version'], { reject: false });
  if (failed) return problem('git', 'cannot be run', 'Install git 2.36 or newer and put it on PATH.');
  return judgeGit(stdout);
}

/** Pure. */
export function judgeGit(versionLine: string): Finding {
  const [, version = versionLine, major, minor] = /((\d+)\.(\d+)\S*)/.exec(versionLine) ?? [];
  const isNewEnough =
    Number(major) > OLDEST_GIT[0] || (Number(major) === OLDEST_GIT[0] && Number(minor) >= OLDEST_GIT[1]);
  if (isNewEnough) return ok('git', version);
  return problem('git', `${version}, which is too old`, 'Install git 2.36 or newer.');
}

/** The folder of restored worktrees and their mirrors. It need not exist yet. */
export function checkDisk(folder = stateFolder()): Finding {
  try {
    const { bavail, bsize } = statfsSync(nearestExisting(folder));
    const found = `${size(bavail * bsize)} free for ${folder}`;
    return bavail * bsize > SCARCE_BYTES
      ? ok('disk', found)
      : warning('disk', found, 'Free some space, or set XDG_STATE_HOME to a folder with more space.');
  } catch (error) {
    return problem('disk', (error as Error).message, 'Set XDG_STATE_HOME to a folder that you may write to.');
  }
}

export function checkPermissions(folder = stateFolder()): Finding {
  const existing = nearestExisting(folder);
  if (!statSync(existing).isDirectory()) {
    return problem('permissions', `${existing} is not a folder`, 'Move it, or set XDG_STATE_HOME.');
  }
  try {
    accessSync(existing, constants.W_OK);
  } catch {
    return problem(
      'permissions',
      `${existing} is not writable`,
      `Take ownership of it (chown -R "$USER" '${existing}'), or set XDG_STATE_HOME to another folder.`,
    );
  }
  const config = statSync(configFilePath(), { throwIfNoEntry: false });
  if (config !== undefined && (config.mode & 0o077) !== 0) {
    return warning(
      'permissions',
      `${configFilePath()}, which may hold a token, can be read by others`,
      `chmod 600 '${configFilePath()}'`,
    );
  }
  return ok('permissions', `${folder} is writable`);
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}
