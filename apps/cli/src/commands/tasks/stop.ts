import type { Command } from 'commander';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { findTask } from '../../find/find-task.js';
import { taskCardView } from './task.view.js';

interface StopOptions extends ServerOptions {
  readonly reason: string;
}

/** `patchpoint stop`: ends a task, with a final checkpoint. */
export function stopCommand(): Command {
  return serverCommand('stop <task>', [
    'patchpoint stop fix-login',
    "patchpoint stop fix-login --reason 'wrong branch'",
  ])
    .description('end a task; its daemon takes a final checkpoint, so that it can be resumed')
    .option('--reason <text>', 'recorded with the task', 'Stopped by `patchpoint stop`.')
    .action(async (reference: string, { reason, ...server }: StopOptions) => {
      const { client, output } = openSession(server);
      const task = await findTask(client, reference);
      output.show(await client.stopTask(task.id, reason), taskCardView);
    });
}
