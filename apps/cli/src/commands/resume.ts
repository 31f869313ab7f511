import type { Command } from 'commander';
import { openSession, serverCommand, type ServerOptions } from '../server-command.js';
import { findTask } from '../tasks/find-task.js';
import { taskCardView } from '../views/task.view.js';

interface ResumeOptions extends ServerOptions {
  readonly daemon?: string;
  readonly pool?: string;
  readonly force: boolean;
}

/** `patchpoint resume`: the task goes on, from its newest checkpoint. */
export function resumeCommand(): Command {
  return serverCommand('resume <task>', [
    'patchpoint resume fix-login',
    'patchpoint resume fix-login --daemon worker-7 --force',
  ])
    .description('start the task again, on any daemon of its pool, in its worktree as last stored')
    .option('--daemon <id>', 'only this daemon may take it')
    .option('--pool <pool>', 'any daemon of this pool; default: the one that the task is in')
    .option('--force', 'take it away from a daemon that is alive', false)
    .action(resume);
}

async function resume(reference: string, { daemon, pool, force, ...server }: ResumeOptions): Promise<void> {
  const { client, output } = openSession(server);
  const task = await findTask(client, reference);
  const resumed = await client.resumeTask(task.id, {
    force,
    ...(daemon !== undefined && { daemonId: daemon }),
    ...(pool !== undefined && { pool }),
  });
  output.show(resumed, taskCardView);
}
