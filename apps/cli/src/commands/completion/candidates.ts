import type { Command } from 'commander';

/** What may follow at the cursor. */
export interface Candidates {
  words: string[];
  /** A task may also follow; only the server knows which there are. */
  tasks: boolean;
}

/**
 * Pure: what may come next.
 *
 * @param words those after `patchpoint`; the last one, which may be empty, is being typed
 */
export function candidates(program: Command, words: readonly string[]): Candidates {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  if (before.includes('--')) return { words: [], tasks: false };
  const command = commandOf(program, before);
  const help = command.createHelp();
  const options = help.visibleOptions(command).map((option) => ({
    flags: [option.long, option.short].filter((flag) => flag !== undefined),
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  }));
  const pending = options.find(({ flags, takesValue }) => takesValue && flags.includes(before.at(-1) ?? ''));
  if (pending !== undefined) {
    return { words: starting(pending.choices, typed), tasks: pending.flags.includes('--task') };
  }
  if (typed.startsWith('-'))
    return {
      words: starting(
        options.flatMap(({ flags }) => flags),
        typed,
      ),
      tasks: false,
    };
  const names = help.visibleCommands(command).map((each) => each.name());
  const values = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const takesTask = command.registeredArguments.some((argument) => argument.name().startsWith('task'));
  return { words: starting([...names, ...values], typed), tasks: takesTask };
}

function commandOf(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) command = command.commands.find((each) => each.name() === word) ?? command;
  return command;
}

function starting(words: readonly string[], typed: string): string[] {
  return words.filter((word) => word.startsWith(typed));
}
