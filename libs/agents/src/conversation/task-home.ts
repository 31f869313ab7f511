import { lstat, mkdir, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ConversationHome } from '../runners/runner.js';

/** Pure: where the home of a task's program is. */
export function taskHomeDir(homesDir: string, taskId: string): string {
  return join(homesDir, taskId);
}

/**
 * The home of an agent program for one task, which it reads instead of the user's: what it needs of that one
 * (login, settings) is linked, and what it writes of this task stays here. May run any number of times.
 *
 * @param usual where the user's home of the program is, if its variable says so
 * @returns the folder
 */
export async function openTaskHome(
  homesDir: string,
  taskId: string,
  { usual, passOn }: ConversationHome,
  usualHere?: string,
): Promise<string> {
  const home = taskHomeDir(homesDir, taskId);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const from = usualHere ? resolve(usualHere) : usual.replace(/^~(?=\/|$)/, homedir());
  for (const name of passOn) {
    const target = join(from, name);
    if ((await exists(target)) && !(await exists(join(home, name)))) await symlink(target, join(home, name));
  }
  return home;
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}
