import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDuration } from '../../shell/option-values.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { readConfigFile } from '../../settings/config-file.js';
import { decideNatsUrl } from '../../settings/nats-address.js';
import { findRunningStacks } from '../../settings/running-stacks.js';
import { stopSignalsFromNow } from '../../shell/stop-signal.js';
import { findAskedTask, otherSourceLine } from './asked-task.js';
import { readWatched } from './read-watched.js';

interface WatchOptions extends ServerOptions {
  readonly every: number;
  readonly once: boolean;
  readonly name?: string;
  readonly task?: string;
  readonly nats?: string;
}

/** `patchpoint watch`: checkpoints of a worktree that a person works in. */
export function watchCommand(): Command {
  return serverCommand('watch [folder]', [
    'patchpoint watch',
    'patchpoint watch ~/src/app --every 5m --name app',
    'patchpoint watch --once',
  ])
    .description(
      'checkpoint a git worktree (default: this folder) until Ctrl-C, without touching it: no commit, no branch, no change to its index. ' +
        'Watching it again continues the same task',
    )
    .option('--every <time>', 'time between checkpoints, if something changed: 30s, 5m, 1h', interval, 60)
    .option('--once', 'take one checkpoint, wait until it is stored, and exit', false)
    .option('--name <name>', "the task's name; default: the folder's")
    .addOption(
      new Option(
        '--task <task>',
        'go on with this task of the worktree, although its remote has another address now; the task keeps the new one',
      ).conflicts('name'),
    )
    .option('--nats <url>', 'address of NATS; default: NATS_URL, the config file, `patchpoint up`')
    .action(watch);
}

async function watch(folder: string | undefined, options: WatchOptions): Promise<void> {
  // From now on: a signal while starting waits for the start, then stops it.
  const stop = stopSignalsFromNow();
  const watched = await readWatched(folder ?? '.', options.name);
  const session = openSession(options);
  const natsUrl = decideNatsUrl({
    flag: options.nats,
    variables: process.env,
    file: readConfigFile(),
    running: findRunningStacks(),
    server: session.settings.server,
  });
  // Loads NATS, which other commands should not wait for.
  const { runWatch } = await import('./run-watch.js');
  const { task: asked } = options;
  watched.taskId = asked === undefined ? undefined : await findAskedTask(session.client, watched, asked);
  watched.onOtherSource = (earlier) => {
    const message = otherSourceLine(earlier, watched);
    session.output.item({ event: 'warning', message }, (item) => item.message);
  };
  await runWatch({ watched, natsUrl, everySeconds: options.once ? 0 : options.every, stop }, session);
}

function interval(value: string): number {
  const seconds = parseDuration(value);
  if (seconds !== undefined && seconds >= 1 && seconds <= 86_400) return Math.round(seconds);
  throw new InvalidArgumentError('It is not a time from 1s to 24h, like 30s, 5m or 1h.');
}
