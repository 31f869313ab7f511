import { Command } from 'commander';
import { daemonConfiguration, servicesConfiguration, USUAL_DOMAIN } from '#messaging';
import { printLine } from '../../output/print-line.js';
import { nameToken } from '../../shell/option-values.js';
import { withExamples } from '../../shell/server-command.js';

interface NatsPermissionsOptions {
  readonly daemon?: string;
  readonly pool: string;
  readonly domain: string;
}

/** `patchpoint nats-permissions`: who may publish and hear what, in the language of nats-server. */
export function natsPermissionsCommand(): Command {
  return withExamples(new Command('nats-permissions'), [
    'patchpoint nats-permissions',
    'patchpoint nats-permissions --daemon worker-1 --pool gpu',
  ])
    .description(
      'print an account for the configuration of nats-server: of the services, or with --daemon of that daemon',
    )
    .option('--daemon <id>', 'its PATCHPOINT_DAEMON_ID', nameToken)
    .option('--pool <name>', 'its PATCHPOINT_POOL', nameToken, 'default')
    .option('--domain <name>', 'its PATCHPOINT_JETSTREAM_DOMAIN', nameToken, USUAL_DOMAIN)
    .action(({ daemon, pool, domain }: NatsPermissionsOptions) => {
      const account =
        daemon === undefined
          ? servicesConfiguration()
          : daemonConfiguration({ daemonId: daemon, pool }, domain);
      printLine(account);
    });
}
