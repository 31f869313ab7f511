import type { DaemonIdentity } from '../topology/consumers.js';
import { daemonImports } from './daemon-account.js';
import { readerPermissions, serviceExports, serviceUsers, type Permissions } from './services-account.js';

/** The account of the services, by which those of daemons import. */
const SERVICES = 'PATCHPOINT';

/**
 * Pure: the account of the services, in the language of nats-server's configuration: users with what each may
 * publish and subscribe to, and what accounts of daemons may import. Passwords come from the environment of
 * nats-server.
 *
 * @param readers users besides the services who read events; each has its inbox below `_INBOX_{name}`
 */
export function servicesAccount(readers: readonly string[] = []): string {
  const users = [
    ...Object.entries(serviceUsers()),
    ...readers.map((name): [string, Permissions] => [name, readerPermissions(`_INBOX_${name}`)]),
  ];
  const { services, streams } = serviceExports();
  return block(`${SERVICES}:`, [
    'jetstream: enabled',
    list(
      'users',
      users.flatMap(([name, permissions]) => user(name, permissions)),
    ),
    list('exports', [
      ...services.map(
        ({ subject, answers }) =>
          `{ service: ${quoted(subject)}${answers === 'many' ? ', response_type: stream' : ''} }`,
      ),
      ...streams.map((subject) => `{ stream: ${quoted(subject)} }`),
    ]),
  ]);
}

/**
 * Pure: the account of one daemon, in the same language.
 *
 * @param domain as its `PATCHPOINT_JETSTREAM_DOMAIN` has it
 */
export function daemonAccount(daemon: DaemonIdentity, domain: string): string {
  const { services, streams } = daemonImports(daemon, domain);
  return block(`daemon-${daemon.daemonId}:`, [
    list('users', [`{ user: ${quoted(daemon.daemonId)}, password: ${passwordOf(daemon.daemonId)} }`]),
    list('imports', [
      ...services.map(({ subject, to }) => {
        const renamed = to === undefined ? '' : `, to: ${quoted(to)}`;
        return `{ service: { account: ${SERVICES}, subject: ${quoted(subject)} }${renamed} }`;
      }),
      ...streams.map((subject) => `{ stream: { account: ${SERVICES}, subject: ${quoted(subject)} } }`),
    ]),
  ]);
}

function user(name: string, { publish, subscribe }: Permissions): string[] {
  const permissions = block('permissions:', [
    list('publish', publish.map(quoted)),
    list('subscribe', subscribe.map(quoted)),
    ...(name === 'patch-store' ? ['# To answer requests of daemons.', 'allow_responses: true'] : []),
  ]);
  return [block('', [`user: ${quoted(name)}`, `password: ${passwordOf(name)}`, permissions])];
}

/** The variable of nats-server's environment: `$WORKER_1_PASSWORD` for `worker-1`. */
function passwordOf(name: string): string {
  return `$${name.toUpperCase().replaceAll(/\W/g, '_')}_PASSWORD`;
}

function quoted(text: string): string {
  return `"${text}"`;
}

function list(name: string, items: readonly string[]): string {
  return [`${name}: [`, ...items.map(indented), ']'].join('\n');
}

function block(name: string, lines: readonly string[]): string {
  return [`${name} {`.trimStart(), ...lines.map(indented), '}'].join('\n');
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
