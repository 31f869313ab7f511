import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where people's settings are. */
export function configFolder(variables: Variables = process.env): string {
  return join(xdg(variables['XDG_CONFIG_HOME'], '.config'), 'patchpoint');
}

/** Where this program keeps what it must find again: running stacks, mirrors of restored worktrees. */
export function stateFolder(variables: Variables = process.env): string {
  return join(xdg(variables['XDG_STATE_HOME'], '.local/state'), 'patchpoint');
}

/** The XDG specification has relative paths ignored. */
function xdg(value: string | undefined, fallback: string): string {
  return value !== undefined && isAbsolute(value) ? value : join(homedir(), fallback);
}
