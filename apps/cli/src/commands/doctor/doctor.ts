import { Option, type Command } from 'commander';
import { checkDisk, checkGit, checkPermissions } from './check-machine.js';
import { checkRunners } from './check-runners.js';
import { checkServer } from './check-server.js';
import { problem, skipped, type Finding } from './finding.js';
import { explain } from '../../shell/explain.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import { Output } from '../../output/output.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { readConfigFile } from '../../settings/config-file.js';
import { natsCredentialsFile } from '../../settings/nats-address.js';
import { findRunningStacks } from '../../settings/running-stacks.js';
import { doctorView } from './doctor.view.js';

interface DoctorOptions extends ServerOptions {
  readonly nats?: string;
  readonly databaseUrl?: string;
}

/** `patchpoint doctor`: what is wrong here, and how to fix it. */
export function doctorCommand(): Command {
  return serverCommand('doctor', ['patchpoint doctor', 'DATABASE_URL=… NATS_URL=… patchpoint doctor --json'])
    .description(
      'check git, server, daemons, clock, NATS, JetStream, Postgres, schema, disk, permissions and the runners of a daemon here, each with its fix',
    )
    .addOption(new Option('--nats <url>', 'default: the config file, `patchpoint up`').env('NATS_URL'))
    .addOption(new Option('--database-url <url>', 'default: `patchpoint up`').env('DATABASE_URL'))
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const own = places(options);
  const findings = (
    await Promise.all([
      checkGit(),
      checkServerOf(options),
      own.nats === undefined
        ? skipped('NATS', 'its address is unknown', 'Set NATS_URL to have it checked.')
        : import('./check-nats.js').then(({ checkNats }) => checkNats(own.nats!, own.natsCredentialsFile)),
      own.database === undefined
        ? skipped('Postgres', 'its address is unknown', 'Set DATABASE_URL to have it checked.')
        : import('./check-postgres.js').then(({ checkPostgres }) => checkPostgres(own.database!)),
      checkDisk(),
      checkPermissions(),
      checkRunners(),
    ])
  ).flat();
  new Output(options.json).show({ findings }, doctorView);
  if (findings.some(({ status }) => status === 'problem')) process.exitCode = EXIT_CODES.failed;
}

async function checkServerOf(options: ServerOptions): Promise<Finding[]> {
  try {
    return await checkServer(openSession(options).client);
  } catch (error) {
    const { message, nextStep } = explain(error);
    return [problem('server', message, nextStep ?? '')];
  }
}

/**
 * NATS and Postgres belong to the servers; a person's machine only knows their addresses from settings, or if
 * it runs them itself.
 */
function places({ server, nats, databaseUrl }: DoctorOptions): {
  nats?: string | undefined;
  natsCredentialsFile?: string | undefined;
  database?: string | undefined;
} {
  const running = findRunningStacks();
  const wanted = server ?? process.env['PATCHPOINT_SERVER'];
  const stack = wanted === undefined ? running[0] : running.find((each) => each.server === wanted);
  const file = readConfigFile();
  const url = nats ?? file.nats ?? stack?.natsUrl;
  return {
    nats: url,
    natsCredentialsFile: natsCredentialsFile(url, { variables: process.env, file }, stack),
    database: databaseUrl ?? stack?.databaseUrl,
  };
}
