import { Command } from 'commander';
import type { DeadLetterSummary, ErrorCode } from '#contracts';
import { positiveNumber } from '../../shell/option-values.js';
import { openSession, serverCommand, withExamples, type ServerOptions } from '../../shell/server-command.js';
import { findTask } from '../../find/find-task.js';
import { deadLettersView, deadLetterView } from './dead-letters.view.js';

/** `patchpoint dead-letters`: messages that were refused for good. */
export function deadLettersCommand(): Command {
  return withExamples(new Command('dead-letters'), [
    'patchpoint dead-letters list --code DIGEST_MISMATCH',
    'patchpoint dead-letters show 01a20514-a008-7493-afc0-154df210ecb7',
  ])
    .description('messages that were refused for good: look at them, send them again')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(replayCommand());
}

interface ListOptions extends ServerOptions {
  readonly task?: string;
  readonly daemon?: string;
  /** As it was typed: what is no code is refused by the server. */
  readonly code?: ErrorCode;
  readonly limit: number;
}

function listCommand(): Command {
  return serverCommand('list', [
    'patchpoint dead-letters list',
    'patchpoint dead-letters list --daemon worker-7',
  ])
    .description('the newest first')
    .option('--task <task>', 'only of this task')
    .option('--daemon <id>', 'only of this daemon')
    .option('--code <code>', 'only with this code')
    .option('--limit <count>', 'at most so many', positiveNumber, 50)
    .action(async ({ task, daemon, code, limit, ...server }: ListOptions) => {
      const { client, output } = openSession(server);
      const taskId = task === undefined ? undefined : (await findTask(client, task)).id;
      const deadLetters: DeadLetterSummary[] = [];
      for await (const letter of client.deadLetters({ task: taskId, daemon, code })) {
        if (deadLetters.push(letter) >= limit) break;
      }
      output.show({ deadLetters }, deadLettersView);
    });
}

function showCommand(): Command {
  return serverCommand('show <id>', ['patchpoint dead-letters show 01a20514-a008-7493-afc0-154df210ecb7'])
    .description('one of them, with the message')
    .action(async (id: string, server: ServerOptions) => {
      const { client, output } = openSession(server);
      output.show(await client.deadLetter(id), deadLetterView);
    });
}

function replayCommand(): Command {
  return serverCommand('replay <id>', ['patchpoint dead-letters replay 01a20514-a008-7493-afc0-154df210ecb7'])
    .description('send the message again, once the reason for its refusal is gone; may be done twice')
    .action(async (id: string, server: ServerOptions) => {
      const { client, output } = openSession(server);
      output.show(await client.replayDeadLetter(id), deadLetterView);
    });
}
