import { Option, type Command } from 'commander';
import type { TaskFilter } from '#client';
import { TASK_STATES, type TaskSummary } from '#contracts';
import { positiveNumber } from '../../shell/option-values.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { tasksView } from './tasks.view.js';

interface TasksOptions extends ServerOptions, TaskFilter {
  readonly limit: number;
}

/** `patchpoint tasks`: a list of tasks, newest first. */
export function tasksCommand(): Command {
  return serverCommand('tasks', [
    'patchpoint tasks',
    'patchpoint tasks --state lost --pool spot',
    "patchpoint tasks --json | jq -r '.tasks[].id'",
  ])
    .description('list tasks, newest first')
    .addOption(new Option('--state <state>', 'only tasks in this state').choices(TASK_STATES))
    .option('--pool <pool>', 'only tasks of this pool')
    .option('--daemon <id>', 'only tasks whose current attempt this daemon holds')
    .option('--limit <count>', 'at most this many', positiveNumber, 50)
    .action(listTasks);
}

async function listTasks({ state, pool, daemon, limit, ...server }: TasksOptions): Promise<void> {
  const { client, output } = openSession(server);
  const tasks: TaskSummary[] = [];
  for await (const task of client.tasks({ state, pool, daemon })) {
    if (tasks.push(task) >= limit) break;
  }
  output.show({ tasks }, tasksView);
}
