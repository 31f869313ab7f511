import { Command } from 'commander';
import { withExamples } from './shell/server-command.js';

type MakeCommand = () => Command;

/**
 * Every command there is. A new one is a file in `commands/` and a line here. Loaded on demand: `patchpoint
 * log` starts in 0.1 s, and all commands together with what they need take 0.7 s.
 */
const GROUPS: Readonly<Record<string, Readonly<Record<string, () => Promise<MakeCommand>>>>> = {
  'Start here:': {
    up: async () => (await import('./commands/up/up.js')).upCommand,
    watch: async () => (await import('./commands/watch/watch.js')).watchCommand,
    demo: async () => (await import('./commands/demo/demo.js')).demoCommand,
  },
  'Tasks:': {
    run: async () => (await import('./commands/tasks/run.js')).runCommand,
    status: async () => (await import('./commands/tasks/status.js')).statusCommand,
    tasks: async () => (await import('./commands/tasks/tasks.js')).tasksCommand,
    log: async () => (await import('./commands/checkpoints/log.js')).logCommand,
    show: async () => (await import('./commands/checkpoints/show.js')).showCommand,
    checkpoint: async () => (await import('./commands/checkpoints/checkpoint.js')).checkpointCommand,
    restore: async () => (await import('./commands/restore/restore.js')).restoreCommand,
    resume: async () => (await import('./commands/tasks/resume.js')).resumeCommand,
    fork: async () => (await import('./commands/tasks/fork.js')).forkCommand,
    undo: async () => (await import('./commands/checkpoints/undo.js')).undoCommand,
    stop: async () => (await import('./commands/tasks/stop.js')).stopCommand,
  },
  'Operation:': {
    events: async () => (await import('./commands/operate/events.js')).eventsCommand,
    daemons: async () => (await import('./commands/operate/daemons.js')).daemonsCommand,
    'dead-letters': async () => (await import('./commands/operate/dead-letters.js')).deadLettersCommand,
    token: async () => (await import('./commands/operate/token.js')).tokenCommand,
    hold: async () => (await import('./commands/hold/hold.js')).holdCommand,
    'nats-permissions': async () =>
      (await import('./commands/operate/nats-permissions.js')).natsPermissionsCommand,
    mcp: async () => (await import('./commands/operate/mcp.js')).mcpCommand,
    doctor: async () => (await import('./commands/doctor/doctor.js')).doctorCommand,
    migrate: async () => (await import('./commands/up/migrate.js')).migrateCommand,
    completion: async () => (await import('./commands/completion/completion.js')).completionCommand,
  },
};

/**
 * `patchpoint`, which throws a CommanderError instead of exiting.
 *
 * @param called the word after `patchpoint`: if it is a command's name, no other command is loaded
 */
export async function createProgram(called?: string): Promise<Command> {
  const program = withExamples(new Command('patchpoint'), [
    'patchpoint up',
    "patchpoint run --repo https://github.com/you/app --follow -- 'make the tests pass'",
    'patchpoint status',
    'patchpoint restore fix-login --into ~/fix-login',
  ])
    .description('Keeps the uncommitted work of coding agents alive when the machine under them dies.')
    .showHelpAfterError('(see --help)')
    .exitOverride();
  for (const [heading, commands] of Object.entries(GROUPS)) {
    if (called === undefined || !Object.hasOwn(commands, called)) continue;
    return program.addCommand(prepared((await commands[called]!())(), program).helpGroup(heading));
  }
  return addAll(program);
}

async function addAll(program: Command): Promise<Command> {
  const { patchpointVersion } = await import('#runtime');
  program.version(patchpointVersion());
  for (const [heading, commands] of Object.entries(GROUPS)) {
    for (const load of Object.values(commands)) {
      program.addCommand(prepared((await load())(), program).helpGroup(heading));
    }
  }
  const { completeCommand } = await import('./commands/completion/completion.js');
  return program.addCommand(prepared(completeCommand(program), program), { hidden: true });
}

/** Commander only passes settings on to commands that it creates itself. */
function prepared(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const subcommand of command.commands) prepared(subcommand, command);
  return command;
}
