import type { DaemonIdentity } from '../topology/consumers.js';
import {
  accountNameOf,
  daemonAccount,
  SERVICES_ACCOUNT,
  servicesAccount,
  type NatsLogin,
  type NatsUser,
} from './nats-accounts.js';
import { readerPermissions, serviceUsers, type Permissions } from './services-account.js';

/**
 * Pure: the account of the services as it stands in nats-server's configuration. Each service is a user with
 * what it needs; passwords come from the environment of nats-server.
 *
 * @param readers users besides the services who read events; each has its inbox below `_INBOX_{name}`
 */
export function servicesConfiguration(readers: readonly string[] = []): string {
  const users = Object.entries(serviceUsers()).map(([name, permissions]) => userOf(name, permissions));
  const others = readers.map((name) => userOf(name, readerPermissions(`_INBOX_${name}`)));
  return `${SERVICES_ACCOUNT}: ${written(servicesAccount([...users, ...others]))}`;
}

/** Pure: the account of one daemon, as above. */
export function daemonConfiguration(daemon: DaemonIdentity, domain: string): string {
  const account = daemonAccount(daemon, domain, loginOf(daemon.daemonId));
  return `${accountNameOf(daemon)}: ${written(account)}`;
}

function userOf(name: string, permissions: Permissions): NatsUser {
  return { ...loginOf(name), permissions };
}

/** With the variable of nats-server's environment: `$WORKER_1_PASSWORD` for `worker-1`. */
function loginOf(name: string): NatsLogin {
  return { user: name, password: `$${name.toUpperCase().replaceAll(/\W/g, '_')}_PASSWORD` };
}

/** In the language of the configuration: short entries of a list on one line each. */
function written(value: unknown): string {
  if (Array.isArray(value)) return ['[', ...value.map((item) => indented(inList(item))), ']'].join('\n');
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => indented(`${name}: ${written(field)}`));
    return ['{', ...fields, '}'].join('\n');
  }
  const isVariable = /^\$\w+$/.test(String(value));
  return typeof value === 'string' && !isVariable ? JSON.stringify(value) : String(value);
}

function inList(item: unknown): string {
  const text = written(item);
  return text.includes('[') ? text : text.replaceAll(/\n */g, ' ').replaceAll(/(?<!\{) (?=\w+: )/g, ', ');
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
