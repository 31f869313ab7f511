import { Command, Option } from 'commander';
import { describeExit, startStack, type AppProcess, type Stack, type StackOptions } from '#embedded';
import { printLine } from '../../output/print-line.js';
import { portNumber, positiveNumber } from '../../shell/option-values.js';
import { withExamples } from '../../shell/server-command.js';
import { recordRunningStack } from '../../settings/running-stacks.js';
import { nextStopSignal } from '../../shell/stop-signal.js';
import { answeringHere, recordedHere } from './running-here.js';
import { requireFreePort } from './require-free-port.js';
import { alreadyRunsView, stackView } from './stack.view.js';

interface UpOptions {
  readonly dataDir: string;
  readonly port?: number;
  readonly agents: number;
}

/**
 * `patchpoint up`: the whole stack on this machine, in the foreground, until a signal, or until one of its
 * processes ends. If it already runs on that data folder, it only says where.
 */
export function upCommand(): Command {
  return withExamples(new Command('up'), [
    'patchpoint up',
    'patchpoint up --port 8080 --data-dir ~/patchpoint-data',
  ])
    .description(
      'run everything on this machine until Ctrl-C; stored data and ports are kept for the next start. The other commands find it automatically',
    )
    .addOption(
      new Option('--data-dir <folder>', 'folder for all data')
        .env('PATCHPOINT_DATA_DIR')
        .default('.patchpoint'),
    )
    .option(
      '--port <port>',
      "patch-store's HTTP port; 0 selects a new free one; default: the one of the last time",
      portNumber,
    )
    .option('--agents <count>', 'daemon-agents', positiveNumber, 2)
    .action(up);
}

async function up({ dataDir, port, agents }: UpOptions): Promise<void> {
  const running = recordedHere(dataDir);
  if (running !== undefined) return printLine(alreadyRunsView(running));
  if (port !== undefined) await requireFreePort(port);
  // Registered early: a signal during the start waits for the start, then stops it.
  const stopSignal = nextStopSignal();
  const started = await startUnlessRunning({
    dataDir,
    httpPort: port,
    ingestReplicas: 2,
    daemonIds: Array.from({ length: agents }, (_, i) => `daemon-${i + 1}`),
    apiToken: process.env['PATCHPOINT_API_TOKEN'] || undefined,
    onProgress: (step) => printLine(`${step} …`),
  });
  if ('runsAt' in started) return printLine(alreadyRunsView(started.runsAt));
  const { stack } = started;
  let forget = (): void => undefined;
  try {
    forget = recordRunningStack({
      server: stack.patchStore.url,
      apiTokenFile: stack.credentials?.apiTokenFile,
      natsUrl: stack.nats.url,
      natsCredentialsFile: stack.credentials?.files.natsOwner,
      databaseUrl: stack.postgres.url,
      dataDir: stack.dataDir,
    });
    printLine(stackView(stack));
    const reason = await Promise.race([stopSignal, ...stack.apps.map(endOf), endOfServers(stack)]);
    printLine(`\n${reason.message} Stopping …`);
    if (reason.isFailure) process.exitCode = 1;
  } finally {
    forget();
    await stack.stop();
  }
  printLine('Stopped.');
}

async function startUnlessRunning(
  options: StackOptions & { dataDir: string },
): Promise<{ stack: Stack } | { runsAt: string }> {
  try {
    return { stack: await startStack(options) };
  } catch (error) {
    const runsAt = await answeringHere(options.dataDir, error);
    if (runsAt === undefined) throw error;
    return { runsAt };
  }
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
