import { Argument, Command } from 'commander';
import { PatchStoreClient } from '#client';
import { candidates } from './candidates.js';
import { SCRIPTS } from './scripts.js';
import { printLine } from '../../output/print-line.js';
import { shortId } from '../../output/format.js';
import { withExamples } from '../../shell/server-command.js';
import { readSettings } from '../../settings/settings.js';

/** How many of the newest tasks are offered; more would not help a person. */
const TASKS_OFFERED = 50;

/** `patchpoint completion`: a script for a shell. */
export function completionCommand(): Command {
  return withExamples(new Command('completion'), [
    'source <(patchpoint completion bash)   # in ~/.bashrc',
    'source <(patchpoint completion zsh)    # in ~/.zshrc, after compinit',
  ])
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .action((shell: keyof typeof SCRIPTS) => printLine(SCRIPTS[shell].trimEnd()));
}

/**
 * What the scripts call: prints one line for each word that may come next. Never fails: a person is typing.
 */
export function completeCommand(program: Command): Command {
  return new Command('__complete').argument('[words...]').action(async (words: string[]) => {
    const found = candidates(program, words);
    const tasks = found.tasks ? await taskNames().catch(() => []) : [];
    const typed = words.at(-1) ?? '';
    for (const word of [...found.words, ...tasks.filter((name) => name.startsWith(typed))]) printLine(word);
  });
}

/** Names if they are a single word and unique, else ids. */
async function taskNames(): Promise<string[]> {
  const { server, token } = readSettings({});
  const tasks: { id: string; name: string }[] = [];
  for await (const task of new PatchStoreClient(server, token).tasks()) {
    if (tasks.push(task) >= TASKS_OFFERED) break;
  }
  const uses = new Map<string, number>();
  for (const { name } of tasks) uses.set(name, (uses.get(name) ?? 0) + 1);
  return tasks.map(({ id, name }) => (/^[\w.-]+$/.test(name) && uses.get(name) === 1 ? name : shortId(id)));
}
