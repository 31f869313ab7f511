import type { Command } from 'commander';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { daemonsView } from './daemons.view.js';

/** `patchpoint daemons`: the daemons that can run tasks. */
export function daemonsCommand(): Command {
  return serverCommand('daemons', ['patchpoint daemons', 'patchpoint daemons --json'])
    .description('list all known daemons, and whether they are alive')
    .action(async (options: ServerOptions) => {
      const { client, output } = openSession(options);
      output.show({ daemons: await client.daemons() }, daemonsView);
    });
}
