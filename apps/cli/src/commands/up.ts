import { Command, Option } from 'commander';
import { describeExit, startStack, type AppProcess, type Stack } from '#embedded';
import { nextStopSignal } from '../stop-signal.js';

interface UpOptions {
  readonly dataDir: string;
  readonly port: string;
}

/** `patchpoint up`: the whole stack on this machine, in the foreground, until a signal or a process that ends. */
export function upCommand(): Command {
  return new Command('up')
    .description(
      'run everything on this machine until Ctrl-C; what is stored is there again at the next start',
    )
    .addOption(
      new Option('--data-dir <folder>', 'where everything is kept')
        .env('PATCHPOINT_DATA_DIR')
        .default('.patchpoint'),
    )
    .addOption(new Option('--port <port>', "patch-store's HTTP port; 0 takes a free one").default('0'))
    .addOption(new Option('--agents <count>', 'daemon-agents').default(2).argParser(Number))
    .addOption(
      new Option('--ingest-replicas <count>', 'checkpoint-ingest processes').default(2).argParser(Number),
    )
    .action(up);
}

async function up(options: UpOptions): Promise<void> {
  const stopSignal = nextStopSignal(); // from now on: a signal while starting waits for the start, then stops it
  const stack = await startStack({
    dataDir: options.dataDir,
    ingestReplicas: 2,
    daemonIds: ['daemon-1', 'daemon-2'],
    environment: { 'patch-store': { PATCHPOINT_HTTP_PORT: options.port } },
    onProgress: (step) => console.log(`${step} …`),
  });
  try {
    console.log(describeStack(stack));
    const reason = await Promise.race([stopSignal, ...stack.apps.map(endOf), endOfServers(stack)]);
    console.log(`\n${reason.message} Stopping …`);
    if (reason.isFailure) process.exitCode = 1;
  } finally {
    await stack.stop();
  }
  console.log('Stopped.');
}

/** Why the stack is stopped. */
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

function describeStack(stack: Stack): string {
  const width = Math.max(...stack.apps.map(({ name }) => name.length));
  const lines = [
    ['Postgres', stack.postgres.url],
    ['NATS', stack.nats.url],
    ...stack.apps.map(({ name, url }) => [name, url]),
    ['data', stack.dataDir],
    ['logs', stack.runDir],
  ].map(([name = '', value]) => `  ${name.padEnd(width)}  ${value}`);
  return ['Patchpoint runs:', ...lines, 'Press Ctrl-C to stop.'].join('\n');
}
