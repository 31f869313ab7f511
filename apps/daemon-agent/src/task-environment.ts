import { delimiter } from 'node:path';

/** The programs that the agent runs must not learn how it reaches Patchpoint. */
const KEPT_FROM_TASKS = new Set([
  'NATS_URL',
  'PATCHPOINT_NATS_CREDENTIALS_FILE',
  'DATABASE_URL',
  'NODE_CHANNEL_FD',
]);

/**
 * Pure: what the programs of tasks get of the daemon's environment.
 *
 * An agent that has lost its `.git` must not find a repository that the state folder happens to lie in, such
 * as the checkout that `npm start` runs in: git looks no further up than here.
 */
export function taskEnvironment(variables: NodeJS.ProcessEnv, stateDir: string): Record<string, string> {
  const kept = Object.entries(variables).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !KEPT_FROM_TASKS.has(entry[0]),
  );
  const ceilings = [variables['GIT_CEILING_DIRECTORIES'], stateDir].filter(Boolean).join(delimiter);
  return { ...Object.fromEntries(kept), GIT_CEILING_DIRECTORIES: ceilings };
}
