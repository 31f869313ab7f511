import type { Command } from 'commander';
import type { TaskSummary } from '#contracts';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { statusView } from './status.view.js';

interface StatusOptions extends ServerOptions {
  readonly all: boolean;
}

/** `patchpoint status`: the fleet at a glance. */
export function statusCommand(): Command {
  return serverCommand('status', ['patchpoint status', 'patchpoint status --all', 'watch patchpoint status'])
    .description(
      'the fleet at a glance: unfinished tasks, their newest checkpoint, and what a resume would restore',
    )
    .option('--all', 'completed tasks too, also those without unsaved work', false)
    .action(status);
}

async function status({ all, ...server }: StatusOptions): Promise<void> {
  const { client, output } = openSession(server);
  const tasks: TaskSummary[] = [];
  for await (const task of client.tasks()) {
    if (all || task.state !== 'completed' || task.unsavedWork) tasks.push(task);
  }
  const daemons = await client.daemons();
  const alive = daemons.filter(({ state }) => state === 'alive').length;
  output.show({ tasks, daemons: { alive, dead: daemons.length - alive } }, statusView);
}
