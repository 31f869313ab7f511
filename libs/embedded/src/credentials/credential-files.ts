import { join } from 'node:path';

/** Where a data folder keeps what proves who somebody is. Every file is its owner's alone. */
export interface CredentialFiles {
  readonly folder: string;
  /** The token that requests to patch-store bring. */
  readonly apiToken: string;
  /** The seeds of the users of NATS. */
  readonly natsServices: string;
  readonly natsOwner: string;
  readonly natsDaemon: (daemonId: string) => string;
  /** The public keys of these users, and what each may do: what nats-server reads. */
  readonly natsServer: string;
}

/** Pure. */
export function credentialFiles(dataDir: string): CredentialFiles {
  const folder = join(dataDir, 'credentials');
  return {
    folder,
    apiToken: join(folder, 'api-token'),
    natsServices: join(folder, 'nats-services.nk'),
    natsOwner: join(folder, 'nats-owner.nk'),
    natsDaemon: (daemonId) => join(folder, `nats-daemon.${daemonId}.nk`),
    natsServer: join(folder, 'nats-server.conf'),
  };
}
