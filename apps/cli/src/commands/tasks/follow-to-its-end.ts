import type { TaskView } from '#contracts';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import { shortId } from '../../output/format.js';
import type { Session } from '../../shell/server-command.js';
import { signalOfStop } from '../../shell/stop-signal.js';
import { followedView } from './followed.view.js';
import { followTask } from './follow-task.js';

/**
 * Shows a task until its attempt ends or the person has seen enough; the process then ends as the task did.
 */
export async function followToItsEnd({ client, output, steps }: Session, task: TaskView): Promise<void> {
  const signal = signalOfStop();
  steps.step(`task ${shortId(task.id)} (${task.name}), attempt ${task.attempt}`);
  const state = await followTask(client, task, (event) => output.item(event, followedView), signal);
  if (state === 'completed') return;
  process.exitCode = state === undefined ? EXIT_CODES.interrupted : EXIT_CODES.failed;
  if (state === undefined)
    steps.step(`the task goes on; end it with \`patchpoint stop ${shortId(task.id)}\``);
}
