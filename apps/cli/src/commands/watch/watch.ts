import { InvalidArgumentError, Option, type Command } from 'commander';
import { readProjectFile } from '#git';
import { oneLine } from '../../output/format.js';
import { parseDuration } from '../../shell/option-values.js';
import { Output } from '../../output/output.js';
import { Steps } from '../../output/steps.js';
import { serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { stopSignalsFromNow } from '../../shell/stop-signal.js';
import { findAskedTask, otherSourceLine } from './asked-task.js';
import { findPlace, isAbsence, type Place } from './find-place.js';
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
  const [output, steps] = [new Output(options.json), new Steps(options.json)];
  const setup = (await readProjectFile(watched.worktreeDir))?.setup;
  if (setup) steps.step(`setup, which a daemon runs before an agent, and nothing here: ${oneLine(setup)}`);
  const find = (): Promise<Place> => findPlace(options);
  const place = await find().catch((absent: unknown) => {
    // What is asked of the server, and what a person must mend, cannot wait for it.
    if (options.task !== undefined || !isAbsence(absent)) throw absent;
    return { absent };
  });
  // Loads NATS, which other commands should not wait for.
  const { runWatch } = await import('./run-watch.js');
  if (options.task !== undefined && 'client' in place) {
    watched.taskId = await findAskedTask(place.client, watched, options.task);
  }
  watched.onOtherSource = (earlier) => {
    const message = otherSourceLine(earlier, watched);
    output.item({ event: 'warning', message }, (item) => item.message);
  };
  const everySeconds = options.once ? 0 : options.every;
  await runWatch({ watched, place, find, everySeconds, stop }, { output, steps });
}

function interval(value: string): number {
  const seconds = parseDuration(value);
  if (seconds !== undefined && seconds >= 1 && seconds <= 86_400) return Math.round(seconds);
  throw new InvalidArgumentError('It is not a time from 1s to 24h, like 30s, 5m or 1h.');
}
