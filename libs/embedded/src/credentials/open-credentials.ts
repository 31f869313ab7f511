import { randomBytes } from 'node:crypto';
import { EmbeddedError } from '../embedded-error.js';
import { privateFolder, readPrivately, writePrivately } from '../privacy/private-files.js';
import { credentialFiles, type CredentialFiles } from './credential-files.js';

/** As patch-store accepts it. */
const TOKEN = /^[\x21-\x7e]{16,}$/;

/** Of a user of NATS. */
const SEED = /^SU[A-Z2-7]{56}$/;

/** What a stack's processes, and the commands of its owner, prove themselves by. */
export interface StackCredentials {
  readonly files: CredentialFiles;
  /** The token that requests to patch-store bring. */
  readonly apiToken: string;
  /** The file that holds it; undefined: it was given, and is in none. */
  readonly apiTokenFile: string | undefined;
  /** Below which a daemon, whose account is not the services', finds JetStream. */
  readonly jetStreamDomain: string;
}

/** A daemon of the stack, and the pool whose commands it takes. */
export interface StackDaemon {
  readonly daemonId: string;
  readonly pool: string;
}

/**
 * The credentials of a data folder, made where there are none: at its first start, and at the first one after
 * an update from a version without. What is there is kept, so that whoever uses it goes on.
 *
 * On NATS there are three kinds of users, each with an nkey, whose secret never crosses the network: the
 * services; each daemon, with an account of its own that confines it to its own tasks; and the owner of the
 * data folder, who may do everything.
 *
 * @param givenToken in the place of the one in the folder
 * @throws EmbeddedError for a file that does not hold what it should, or that others can read
 */
export async function openCredentials(
  dataDir: string,
  daemons: readonly StackDaemon[],
  givenToken?: string,
): Promise<StackCredentials> {
  const files = credentialFiles(dataDir);
  privateFolder(files.folder);
  const apiToken = givenToken ?? kept(files.apiToken, TOKEN, () => randomBytes(32).toString('base64url'));
  // Loads NATS, which users of single servers do not need.
  const { accountNameOf, daemonAccount, SERVICES_ACCOUNT, servicesAccount, USUAL_DOMAIN } =
    await import('#messaging');
  const { nkeys } = await import('@nats-io/transport-node');
  const user = (file: string) => {
    const seed = kept(file, SEED, () => Buffer.from(nkeys.createUser().getSeed()).toString());
    return { nkey: nkeys.fromSeed(Buffer.from(seed)).getPublicKey() };
  };
  const accounts = {
    [SERVICES_ACCOUNT]: servicesAccount([user(files.natsOwner), user(files.natsServices)]),
    ...Object.fromEntries(
      daemons.map((daemon) => [
        accountNameOf(daemon),
        daemonAccount(daemon, USUAL_DOMAIN, user(files.natsDaemon(daemon.daemonId))),
      ]),
    ),
  };
  writePrivately(files.natsServer, `${JSON.stringify({ jetstream: 'enabled', accounts }, null, 2)}\n`);
  const apiTokenFile = givenToken === undefined ? files.apiToken : undefined;
  return { files, apiToken, apiTokenFile, jetStreamDomain: USUAL_DOMAIN };
}

function kept(file: string, form: RegExp, make: () => string): string {
  const found = readPrivately(file)?.trim();
  if (found === undefined) {
    const made = make();
    writePrivately(file, `${made}\n`);
    return made;
  }
  if (!form.test(found)) {
    throw new EmbeddedError(
      `${file} does not hold what was written into it. Remove it: the next start makes another one.`,
    );
  }
  return found;
}
