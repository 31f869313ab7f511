import { Command, Option } from 'commander';
import { SCOPES, type Scope, type TokenView } from '#contracts';
import { nameToken } from '../../shell/option-values.js';
import { openSession, serverCommand, withExamples, type ServerOptions } from '../../shell/server-command.js';
import { createdTokenView, tokensView } from './token.view.js';

/** `patchpoint token`: tokens for the HTTP API. */
export function tokenCommand(): Command {
  return withExamples(new Command('token'), [
    'patchpoint token create dashboard --scope read',
    'patchpoint token list',
  ])
    .description('tokens for the API, each with what it allows: make, list and revoke them')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

interface CreateOptions extends ServerOptions {
  readonly scope: Scope[];
  readonly owner?: string;
  readonly pool?: string;
}

function createCommand(): Command {
  return serverCommand('create <name>', [
    'patchpoint token create dashboard --scope read',
    'patchpoint token create alices-laptop --scope read content operate --owner alice',
  ])
    .description('make a token, which is shown this once')
    .addOption(
      new Option('--scope <scopes...>', 'what it allows; admin: everything')
        .choices(SCOPES)
        .makeOptionMandatory(),
    )
    .option('--owner <name>', 'it opens the tasks of this owner alone', nameToken)
    .option('--pool <name>', 'it opens the tasks of this pool alone', nameToken)
    .action(async (given: string, { scope, owner, pool, ...server }: CreateOptions) => {
      const name = nameToken(given);
      const { client, output } = openSession(server);
      output.show(
        await client.createToken({ name, scopes: [...new Set(scope)], owner, pool }),
        createdTokenView,
      );
    });
}

function listCommand(): Command {
  return serverCommand('list', ['patchpoint token list'])
    .description('the newest first, with those that are revoked')
    .action(async (server: ServerOptions) => {
      const { client, output } = openSession(server);
      const tokens: TokenView[] = [];
      for await (const token of client.tokens()) tokens.push(token);
      output.show({ tokens }, tokensView);
    });
}

function revokeCommand(): Command {
  return serverCommand('revoke <id>', ['patchpoint token revoke 01a20514-a008-7493-afc0-154df210ecb7'])
    .description('make it open nothing from now on; may be done twice')
    .action(async (id: string, server: ServerOptions) => {
      const { client, output } = openSession(server);
      output.show({ tokens: [await client.revokeToken(id)] }, tokensView);
    });
}
