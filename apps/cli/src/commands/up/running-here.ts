import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { EmbeddedError, readKeptPorts } from '#embedded';
import { findRunningStacks } from '../../settings/running-stacks.js';

/** How long what answers at the kept port may take to say that it is well. */
const ANSWER_SECONDS = 5;

/** patch-store's address, if a `patchpoint up` on this data folder left a record and is alive. */
export function recordedHere(dataDir: string): string | undefined {
  const here = realPathOf(dataDir);
  return findRunningStacks().find((stack) => realPathOf(stack.dataDir) === here)?.server;
}

/**
 * The same for one without a record: it was deleted, or is in another `XDG_STATE_HOME`. Then the servers of
 * the data folder refuse a second start, and the kept port shows who holds them.
 *
 * @param error why the stack did not start
 */
export async function answeringHere(dataDir: string, error: unknown): Promise<string | undefined> {
  if (!(error instanceof EmbeddedError) || !error.isInUse()) return undefined;
  const { patchStore } = await readKeptPorts(dataDir);
  if (patchStore === undefined) return undefined;
  const server = `http://127.0.0.1:${patchStore}`;
  const answer = await fetch(`${server}/healthz`, {
    signal: AbortSignal.timeout(ANSWER_SECONDS * 1000),
  }).catch(() => undefined);
  return answer?.ok === true ? server : undefined;
}

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder); // not created yet
  }
}
