import { daemonConfiguration, servicesConfiguration, USUAL_DOMAIN } from '#messaging';
import type { GeneratedDocument } from '../generated-document.js';

const HEAD = `# NATS for Patchpoint: what each part may publish and subscribe to. \`npm run docs\` writes this file from the code's own
# subjects; \`patchpoint nats-permissions\` prints the same for your daemons. Passwords come from the environment of nats-server.
#
# Each daemon has an account of its own, which imports what it needs of the services' account, and nothing else. A permission on
# subjects alone would not do: nats-server and the services answer to whatever reply subject is named, with their own rights.

jetstream: enabled

# A user's JWT, where you use them instead of passwords, is longer than the 4 KB of the default.
max_control_line: 16KB
`;

const services = indented(servicesConfiguration(['dashboard']));
const daemon = indented(daemonConfiguration({ daemonId: 'worker-1', pool: 'default' }, USUAL_DOMAIN));

const accounts = `accounts {
  # The services, and as "dashboard" a program of yours that reads events and output.
${services}

  # The daemon worker-1 (PATCHPOINT_DAEMON_ID) of the pool default (PATCHPOINT_POOL); its PATCHPOINT_JETSTREAM_DOMAIN is
  # patchpoint. One such account for each daemon.
${daemon}
}
`;

export const natsPermissions: GeneratedDocument = {
  path: 'examples/nats-permissions/nats-server.conf',
  make: async () => `${HEAD}\n${accounts}`,
};

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
