import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findServerUser } from '../postgres/server-user.js';
import { privateFolder } from '../privacy/private-files.js';

/**
 * Creates the data folder of a stack, a temporary one if none is given, and closes it to other users: started
 * by root, only Postgres, which then runs as another user, passes through. Returns its absolute path.
 *
 * @param agentUser whom the daemons become: anyone can then pass through it, to folders that are closed
 */
export async function prepareDataDir(
  dataDir: string | undefined,
  agentUser: string | undefined,
): Promise<string> {
  const folder = resolve(dataDir ?? (await mkdtemp(join(tmpdir(), 'patchpoint-'))));
  if (agentUser === undefined) privateFolder(folder, findServerUser()?.gid);
  else for (const passed of [folder, join(folder, 'agents')]) privateFolder(passed, 'anyone');
  return folder;
}
