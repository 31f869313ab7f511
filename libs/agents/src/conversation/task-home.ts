import { lstat, mkdir, readdir, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inheritedVariables, type Inheritance } from '../runners/inherited-variables.js';
import type { ConversationHome, Runner } from '../runners/runner.js';

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
  for (const name of await namesOf(passOn, from)) {
    const [target, link] = [join(from, name), join(home, name)];
    if (!(await exists(target)) || (await exists(link))) continue;
    await mkdir(dirname(link), { recursive: true, mode: 0o700 });
    await symlink(target, link);
  }
  return home;
}

async function namesOf(passOn: readonly string[], from: string): Promise<string[]> {
  const named = passOn.filter((name) => name !== '*');
  if (named.length === passOn.length) return named;
  const folders = new Set(named.map((name) => name.split('/')[0]!));
  const others = await readdir(from).catch(() => []);
  return [...named, ...others.filter((name) => !folders.has(name))];
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Pure: what every program of a task has in its environment: the agent, the setup before it, and the commands
 * of its conversation.
 *
 * @param home of the task; undefined for a program that has none
 */
export function programEnvironment(
  inheritance: Inheritance,
  { environment, inherits, conversation }: Runner,
  home: string | undefined,
): Record<string, string> {
  return {
    ...inheritedVariables(inheritance, inherits),
    ...environment,
    ...(conversation && home && { [conversation.variable]: home }),
  };
}
