import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

/** The folder of people's settings. */
export function configFolder(variables: Variables = process.env): string {
  return join(xdg(variables['XDG_CONFIG_HOME'], '.config'), 'patchpoint');
}

/** The folder of what this program must find again: running stacks, mirrors of restored worktrees. */
export function stateFolder(variables: Variables = process.env): string {
  return join(xdg(variables['XDG_STATE_HOME'], '.local/state'), 'patchpoint');
}

/** According to the XDG specification, relative paths are ignored. */
function xdg(value: string | undefined, fallback: string): string {
  return value !== undefined && isAbsolute(value) ? value : join(homedir(), fallback);
}
