import type { DaemonIdentity } from '../topology/consumers.js';
import { daemonImports } from './daemon-account.js';
import { serviceExports, type Permissions } from './services-account.js';

/** The name of the services' account, by which those of daemons import. */
export const SERVICES_ACCOUNT = 'PATCHPOINT';

/** Below which a daemon with an account of its own finds JetStream, unless somebody chose another name. */
export const USUAL_DOMAIN = 'patchpoint';

/** How a user proves to nats-server who it is: a public key, or a password. */
export type NatsLogin = { nkey: string } | { user: string; password: string };

/** A user of an account. Without permissions it may do all that its account may. */
export type NatsUser = NatsLogin & {
  permissions?: Permissions;
};

/** An account, in the words of nats-server's configuration. */
export interface NatsAccount {
  jetstream?: 'enabled';
  users: NatsUser[];
  exports?: object[];
  imports?: object[];
}

/** Pure: the account of the services, from which those of daemons import. */
export function servicesAccount(users: NatsUser[]): NatsAccount {
  const { services, streams } = serviceExports();
  return {
    jetstream: 'enabled',
    users,
    exports: [
      ...services.map(({ subject, answers }) =>
        answers === 'many' ? { service: subject, response_type: 'stream' } : { service: subject },
      ),
      ...streams.map((stream) => ({ stream })),
    ],
  };
}

/**
 * Pure: the account of one daemon.
 *
 * @param domain as its `PATCHPOINT_JETSTREAM_DOMAIN` has it
 */
export function daemonAccount(daemon: DaemonIdentity, domain: string, login: NatsLogin): NatsAccount {
  const { services, streams } = daemonImports(daemon, domain);
  const account = SERVICES_ACCOUNT;
  return {
    users: [login],
    imports: [
      ...services.map(({ subject, to }) => {
        const service = { account, subject };
        return to === undefined ? { service } : { service, to };
      }),
      ...streams.map((subject) => ({ stream: { account, subject } })),
    ],
  };
}

/** Pure: the name of a daemon's account. */
export function accountNameOf({ daemonId }: DaemonIdentity): string {
  return `daemon-${daemonId}`;
}
