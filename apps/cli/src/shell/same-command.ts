import type { Command } from 'commander';

/**
 * Pure: the words that run a command again with another argument: every option that was given on its command
 * line, as it was given. What environment and config file say is not repeated; it is there again.
 *
 * @param called the command as it was parsed
 * @param argument stands first, where no option with several values takes it for one; must not begin with `-`
 * @param replaced names of options that `argument` stands for
 */
export function sameCommand(called: Command, argument: string, replaced: readonly string[]): string[] {
  const given = called.options.filter((option) => {
    const name = option.attributeName();
    return called.getOptionValueSource(name) === 'cli' && !replaced.includes(name);
  });
  const words = given.flatMap((option) => {
    const value: unknown = called.getOptionValue(option.attributeName());
    if (value === true) return [option.long!];
    return [value].flat().flatMap((each) => [option.long!, String(each)]);
  });
  return ['patchpoint', called.name(), argument, ...words];
}
