import type { TaskView } from '#contracts';
import { CliError } from '../../errors/cli-error.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import { shortId } from '../../output/format.js';
import type { Session } from '../../shell/server-command.js';
import { signalOfStop } from '../../shell/stop-signal.js';
import { followedView } from './followed.view.js';
import { followTask } from './follow-task.js';

/**
 * Shows a task until its attempt ends or the person has seen enough; the process then ends as the task did.
 *
 * @throws CliError `UNSAVED_WORK` when the last state of its worktree could not be captured
 */
export async function followToItsEnd({ client, output, steps }: Session, task: TaskView): Promise<void> {
  const signal = signalOfStop();
  steps.step(`task ${shortId(task.id)} (${task.name}), attempt ${task.attempt}`);
  const end = await followTask(client, task, (event) => output.item(event, followedView), signal);
  if (end === undefined) {
    process.exitCode = EXIT_CODES.interrupted;
    steps.step(`the task goes on; end it with \`patchpoint stop ${shortId(task.id)}\``);
    return;
  }
  if (end.unsavedWork) throw unsavedWork(task);
  if (end.state !== 'completed') process.exitCode = EXIT_CODES.failed;
}

function unsavedWork(task: TaskView): CliError {
  const id = shortId(task.id);
  return new CliError('The task has ended, but its last state could not be captured.', {
    code: 'UNSAVED_WORK',
    nextStep: `See the reason with \`patchpoint status\`, then capture it again with \`patchpoint checkpoint ${id}\`.`,
  });
}
