import { setTimeout as sleep } from 'node:timers/promises';
import { PatchStoreClient, PatchStoreError, PatchStoreUnreachable } from '#client';
import { CliError } from '../../errors/cli-error.js';
import { readConfigFile } from '../../settings/config-file.js';
import { decideNats, type NatsPlace } from '../../settings/nats-address.js';
import { findRunningStacks } from '../../settings/running-stacks.js';
import { readSettings } from '../../settings/settings.js';

/** A Patchpoint that answers. */
export interface Place {
  client: PatchStoreClient;
  nats: NatsPlace;
}

/** A server that is there answers sooner; the watch begins without one that does not. */
const ANSWER_SECONDS = 10;

/** Of proxies and servers that are starting. */
const NOT_READY: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Where the server is now: every setting is read again, because a restarted one may have other addresses and
 * credentials.
 *
 * @throws CliError or one of the client's errors: why there is none; see {@link isAbsence}
 */
export async function findPlace(flags: { server?: string; nats?: string }): Promise<Place> {
  const { server, token, tokenFrom } = readSettings(flags);
  const client = new PatchStoreClient(server, token, tokenFrom);
  await Promise.race([client.time(), silence(server)]);
  const nats = decideNats({
    flag: flags.nats,
    variables: process.env,
    file: readConfigFile(),
    running: findRunningStacks(),
    server,
  });
  return { client, nats };
}

/** Pure: there is no server now, and nobody has to mend anything but start it. */
export function isAbsence(error: unknown): boolean {
  if (error instanceof PatchStoreUnreachable) return true;
  if (error instanceof PatchStoreError) return NOT_READY.has(error.status);
  return error instanceof CliError && error.code === 'NO_SERVER';
}

async function silence(server: string): Promise<never> {
  await sleep(ANSWER_SECONDS * 1000, undefined, { ref: false });
  throw new PatchStoreUnreachable(server, new Error(`no answer within ${ANSWER_SECONDS} s`));
}
