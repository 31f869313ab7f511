import { Command, Option } from 'commander';
import { describeExit, startStack, type AppProcess, type Stack } from '#embedded';
import { portNumber, positiveNumber } from '../../shell/option-values.js';
import { withExamples } from '../../shell/server-command.js';
import { recordRunningStack } from '../../settings/running-stacks.js';
import { nextStopSignal } from '../../shell/stop-signal.js';
import { requireFreePort } from './require-free-port.js';
import { stackView } from './stack.view.js';

interface UpOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly agents: number;
}

/**
 * `patchpoint up`: the whole stack on this machine, in the foreground, until a signal, or until one of its
 * processes ends.
 */
export function upCommand(): Command {
  return withExamples(new Command('up'), [
    'patchpoint up',
    'patchpoint up --port 8080 --data-dir ~/patchpoint-data',
  ])
    .description(
      'run everything on this machine until Ctrl-C; stored data is kept for the next start. The other commands find it automatically',
    )
    .addOption(
      new Option('--data-dir <folder>', 'folder for all data')
        .env('PATCHPOINT_DATA_DIR')
        .default('.patchpoint'),
    )
    .option('--port <port>', "patch-store's HTTP port; 0 selects a free one", portNumber, 0)
    .option('--agents <count>', 'daemon-agents', positiveNumber, 2)
    .action(up);
}

async function up({ dataDir, port, agents }: UpOptions): Promise<void> {
  await requireFreePort(port);
  // Registered early: a signal during the start waits for the start, then stops it.
  const stopSignal = nextStopSignal();
  const stack = await startStack({
    dataDir,
    ingestReplicas: 2,
    daemonIds: Array.from({ length: agents }, (_, i) => `daemon-${i + 1}`),
    environment: { 'patch-store': { PATCHPOINT_HTTP_PORT: String(port) } },
    onProgress: (step) => console.log(`${step} …`),
  });
  let forget = (): void => undefined;
  try {
    forget = recordRunningStack({
      server: stack.patchStore.url,
      natsUrl: stack.nats.url,
      databaseUrl: stack.postgres.url,
      dataDir: stack.dataDir,
    });
    console.log(stackView(stack));
    const reason = await Promise.race([stopSignal, ...stack.apps.map(endOf), endOfServers(stack)]);
    console.log(`\n${reason.message} Stopping …`);
    if (reason.isFailure) process.exitCode = 1;
  } finally {
    forget();
    await stack.stop();
  }
  console.log('Stopped.');
}

/** Why the stack stops. */
interface StopReason {
  readonly message: string;
  readonly isFailure: boolean;
}

async function endOf(app: AppProcess): Promise<StopReason> {
  const status = await app.exited;
  return { message: `${app.name} ended ${describeExit(status)}; see ${app.logFile}.`, isFailure: true };
}

async function endOfServers(stack: Stack): Promise<StopReason> {
  const name = await Promise.race([
    stack.postgres.exited.then(() => 'Postgres'),
    stack.nats.exited.then(() => 'nats-server'),
  ]);
  return { message: `${name} ended; see the log in ${stack.dataDir}.`, isFailure: true };
}
