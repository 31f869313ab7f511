import type { Command } from 'commander';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { followToItsEnd } from './follow-to-its-end.js';
import { findTask } from '../../find/find-task.js';
import { resumedTaskView } from './task.view.js';

interface ResumeOptions extends ServerOptions {
  readonly daemon?: string;
  readonly pool?: string;
  readonly force: boolean;
  readonly follow: boolean;
}

/** `patchpoint resume`: continues a task from its newest checkpoint. */
export function resumeCommand(): Command {
  return serverCommand('resume <task>', [
    'patchpoint resume fix-login',
    'patchpoint resume fix-login --daemon worker-7 --force',
  ])
    .description('restart a task, on any daemon of its pool, in its worktree as last stored')
    .option('--daemon <id>', 'only this daemon may take it')
    .option('--pool <pool>', "any daemon of this pool; default: the task's pool")
    .option('--force', 'take it from a daemon that is alive', false)
    .option('--follow', 'show its output until it ends; exit code 0 if it completed', false)
    .action(resume);
}

async function resume(reference: string, options: ResumeOptions): Promise<void> {
  const { daemon, pool, force, follow, ...server } = options;
  const session = openSession(server);
  const { id } = await findTask(session.client, reference);
  const task = await session.client.resumeTask(id, {
    force,
    ...(daemon !== undefined && { daemonId: daemon }),
    ...(pool !== undefined && { pool }),
  });
  if (follow) await followToItsEnd(session, task);
  else session.output.show(task, resumedTaskView);
}
