import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findRunningStacks } from '../../settings/running-stacks.js';
import { stateFolder } from '../../settings/xdg.js';

/**
 * The state folders of daemons of this user on this machine: the one that was named, or else the usual one,
 * those of running servers and those of `patchpoint watch`.
 */
export function stateFolders(named: string | undefined): string[] {
  if (named !== undefined) return [resolve(named)];
  const own = stateFolder();
  return [
    join(own, 'agent'),
    ...findRunningStacks().flatMap(({ dataDir }) => foldersIn(join(dataDir, 'agents'))),
    ...foldersIn(join(own, 'watch')).map((folder) => join(folder, 'agent')),
  ];
}

function foldersIn(parent: string): string[] {
  try {
    const entries = readdirSync(parent, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
  } catch {
    return []; // there was never one
  }
}
