import { execFileSync, type StdioOptions } from 'node:child_process';
import { accessSync, chownSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { HOOK_PROGRAM } from '#agents';
import { ConfigurationError } from '#runtime';

/** What was read while we might, and cannot be read any more. */
export interface KeptFromAgents {
  /** The content of PATCHPOINT_NATS_CREDENTIALS_FILE. */
  natsCredentials?: Uint8Array;
}

/**
 * Becomes the user of PATCHPOINT_AGENT_USER, for good, if it is set: this daemon, and with it its agents. A
 * daemon that stayed root beside an agent that owns its worktree would follow the agent's links with the
 * rights of root.
 *
 * The key for NATS is read before, and stays in a file that agents cannot read; the kernel lets no process of
 * that user look into this one. Not done by a daemon that watches a person's worktree and runs no agents.
 *
 * @param variables of this process: those that name a user's home are changed
 * @throws ConfigurationError when there is no such user, we may not become it, or it cannot run what it must
 */
export function becomeAgentUser(variables: NodeJS.ProcessEnv): KeptFromAgents {
  const name = variables['PATCHPOINT_AGENT_USER'];
  if (!name || variables['PATCHPOINT_WATCH_DIR']) return {};
  if (process.geteuid?.() !== 0) {
    if (name === userInfo().username) return {};
    throw wrong(
      name,
      'only a daemon that is started by root can become another user. Start it so, or unset it.',
    );
  }
  const [uid] = idsOf('-u', name) as [number];
  if (uid === 0) throw wrong(name, 'agents of that user would be root. Name another one.');
  const [gid] = idsOf('-g', name) as [number];
  const groups = idsOf('-G', name);
  const kept = readForLater(variables['PATCHPOINT_NATS_CREDENTIALS_FILE']);
  giveFolder(variables['PATCHPOINT_STATE_DIR'], uid, gid);
  process.setgroups!(groups);
  process.setgid!(gid);
  process.setuid!(uid);
  takeHome(variables);
  requireOwnPrograms(name);
  return kept;
}

function idsOf(flag: '-u' | '-g' | '-G', name: string): number[] {
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    return execFileSync('id', [flag, '--', name], { encoding: 'utf8', stdio }).trim().split(' ').map(Number);
  } catch {
    throw wrong(
      name,
      'there is no such user. Create it (`useradd --create-home NAME`), or name another one.',
    );
  }
}

function readForLater(file: string | undefined): KeptFromAgents {
  if (!file) return {};
  try {
    return { natsCredentials: readFileSync(file) };
  } catch (error) {
    throw new ConfigurationError([
      `PATCHPOINT_NATS_CREDENTIALS_FILE is "${file}": it cannot be read: ${(error as Error).message}.`,
    ]);
  }
}

/**
 * Only as a whole, while it is root's: in one that has been the agents', their links would decide what else
 * is given away.
 */
function giveFolder(stateDir: string | undefined, uid: number, gid: number): void {
  if (!stateDir) return; // below the home of that user, who makes it
  mkdirSync(dirname(stateDir), { recursive: true });
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  if (statSync(stateDir).uid !== 0) return;
  execFileSync('chown', ['-R', '-h', `${uid}:${gid}`, '--', stateDir]);
  chownSync(stateDir, uid, gid);
}

/** What a login would say of the home; nothing of root's. */
function takeHome(variables: NodeJS.ProcessEnv): void {
  const { username, homedir, shell } = userInfo();
  for (const own of Object.keys(variables).filter((each) => each.startsWith('XDG_'))) delete variables[own];
  Object.assign(variables, { HOME: homedir, USER: username, LOGNAME: username, SHELL: shell ?? '/bin/sh' });
  process.chdir('/');
}

function requireOwnPrograms(name: string): void {
  try {
    accessSync(process.execPath, constants.X_OK);
    accessSync(HOOK_PROGRAM, constants.R_OK);
  } catch (error) {
    throw wrong(
      name,
      `that user cannot run Patchpoint: ${(error as Error).message}. Install it where every user can read it.`,
    );
  }
}

function wrong(name: string, reason: string): ConfigurationError {
  return new ConfigurationError([`PATCHPOINT_AGENT_USER is "${name}": ${reason}`]);
}
