import type { Command } from 'commander';
import { v7 as uuidv7 } from 'uuid';
import type { TaskView } from '#contracts';
import { usageError } from '../../errors/cli-error.js';
import { findReferenced } from '../../find/find-referenced.js';
import { positiveNumber } from '../../shell/option-values.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { forkedTasksView } from './fork.view.js';

const MOST_FORKS = 20;

interface ForkOptions extends ServerOptions {
  readonly count: number;
  readonly message?: string;
  readonly name?: string;
  readonly pool?: string;
  readonly daemon?: string;
}

/** `patchpoint fork`: new tasks from a checkpoint of a task. */
export function forkCommand(): Command {
  return serverCommand('fork <task[@n]>', [
    'patchpoint fork fix-login',
    "patchpoint fork fix-login@12 --count 3 -m 'try it without the new dependency'",
  ])
    .description(
      'make new tasks that go on from a checkpoint, with its files and conversation, each on its own; the newest unless @N is given',
    )
    .option('--count <count>', `how many, at most ${MOST_FORKS}`, positiveNumber, 1)
    .option('-m, --message <plan>', "what the agents shall do from there on; default: the task's plan")
    .option('--name <name>', "default: the task's name and -fork-1, -fork-2, …")
    .option('--pool <pool>', "the daemons that may take them; default: the task's pool")
    .option('--daemon <id>', 'only this daemon may take them')
    .action(fork);
}

async function fork(reference: string, options: ForkOptions): Promise<void> {
  const { count, message, name, pool, daemon, ...server } = options;
  if (count > MOST_FORKS) throw usageError(`--count ${count} is more than ${MOST_FORKS}.`);
  if (name !== undefined && count > 1) throw usageError('--name is for one fork; leave out --count.');
  const { client, output } = openSession(server);
  const referenced = await findReferenced(client, reference);
  const forks: TaskView[] = [];
  try {
    while (forks.length < count) {
      // All of them from the checkpoint of the first, whatever the task does meanwhile.
      const checkpointNumber = forks[0]?.forkedFrom?.checkpointNumber ?? referenced.checkpointNumber;
      forks.push(
        await client.forkTask(referenced.task.id, {
          id: uuidv7(),
          ...(checkpointNumber !== undefined && { checkpointNumber }),
          ...(message !== undefined && { plan: message }),
          ...(name !== undefined && { name }),
          ...(pool !== undefined && { pool }),
          ...(daemon !== undefined && { daemonId: daemon }),
        }),
      );
    }
  } finally {
    // Those that were made are there, whatever became of the next one.
    if (forks.length > 0) output.show({ tasks: forks }, forkedTasksView);
  }
}
