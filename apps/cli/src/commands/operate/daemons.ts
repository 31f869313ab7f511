import type { Command } from 'commander';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { daemonsView } from './daemons.view.js';

/** `patchpoint daemons`: who could do work. */
export function daemonsCommand(): Command {
  return serverCommand('daemons', ['patchpoint daemons', 'patchpoint daemons --json'])
    .description('every daemon that was heard of, and whether it lives')
    .action(async (options: ServerOptions) => {
      const { client, output } = openSession(options);
      output.show({ daemons: await client.daemons() }, daemonsView);
    });
}
