import { Command } from 'commander';
import { patchpointVersion } from '#runtime';
import { checkpointCommand } from './commands/checkpoint.js';
import { eventsCommand } from './commands/events.js';
import { runCommand } from './commands/run.js';
import { completeCommand, completionCommand } from './commands/completion.js';
import { daemonsCommand } from './commands/daemons.js';
import { deadLettersCommand } from './commands/dead-letters.js';
import { doctorCommand } from './commands/doctor.js';
import { demoCommand } from './commands/demo.js';
import { logCommand } from './commands/log.js';
import { migrateCommand } from './commands/migrate.js';
import { restoreCommand } from './commands/restore.js';
import { resumeCommand } from './commands/resume.js';
import { showCommand } from './commands/show.js';
import { statusCommand } from './commands/status.js';
import { stopCommand } from './commands/stop.js';
import { tasksCommand } from './commands/tasks.js';
import { upCommand } from './commands/up.js';
import { watchCommand } from './commands/watch.js';
import { withExamples } from './server-command.js';

/** Every command there is. A new one is a file in `commands/` and a line here. */
const GROUPS: Readonly<Record<string, readonly (() => Command)[]>> = {
  'Start here:': [upCommand, watchCommand, demoCommand],
  'Tasks:': [
    runCommand,
    statusCommand,
    tasksCommand,
    logCommand,
    showCommand,
    checkpointCommand,
    restoreCommand,
    resumeCommand,
    stopCommand,
  ],
  'Operation:': [
    eventsCommand,
    daemonsCommand,
    deadLettersCommand,
    doctorCommand,
    migrateCommand,
    completionCommand,
  ],
};

/** `patchpoint`, which throws a CommanderError instead of ending the process. */
export function createProgram(): Command {
  const program = withExamples(new Command('patchpoint'), [
    'patchpoint up',
    "patchpoint run --repo https://github.com/you/app --follow -- 'make the tests pass'",
    'patchpoint status',
    'patchpoint restore fix-login --into ~/fix-login',
  ])
    .description('Keeps the uncommitted work of coding agents alive when the machine under them dies.')
    .version(patchpointVersion())
    .showHelpAfterError('(see --help)')
    .exitOverride();
  for (const [heading, commands] of Object.entries(GROUPS)) {
    for (const command of commands) program.addCommand(prepared(command(), program).helpGroup(heading));
  }
  program.addCommand(prepared(completeCommand(program), program), { hidden: true });
  return program;
}

/** Commander hands settings down only to commands that it makes itself. */
function prepared(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const subcommand of command.commands) prepared(subcommand, command);
  return command;
}
