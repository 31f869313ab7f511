import { accessSync, constants, mkdirSync, statfsSync, statSync } from 'node:fs';
import { execa } from 'execa';
import { size } from '../output/format.js';
import { configFilePath } from '../settings/config-file.js';
import { stateFolder } from '../settings/xdg.js';
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

/** Where restored worktrees and their mirrors are kept. */
export function checkDisk(): Finding {
  const folder = stateFolder();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = statfsSync(folder);
    const found = `${size(bavail * bsize)} free for ${folder}`;
    return bavail * bsize > SCARCE_BYTES
      ? ok('disk', found)
      : warning('disk', found, 'Free some space, or set XDG_STATE_HOME to a roomier place.');
  } catch (error) {
    return problem('disk', (error as Error).message, 'Set XDG_STATE_HOME to a folder that you may write to.');
  }
}

export function checkPermissions(): Finding {
  const folder = stateFolder();
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return problem(
      'permissions',
      `${folder} may not be written to`,
      `Make it yours: chown -R "$USER" '${folder}'.`,
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
  return ok('permissions', `${folder} is yours`);
}
