import { Command } from 'commander';
import { PatchStoreClient } from '#client';
import { Output } from '../output/output.js';
import { Steps } from '../output/steps.js';
import { readSettings, type Settings } from '../settings/settings.js';

/** What every command that talks to a server gets. */
export interface ServerOptions {
  readonly server?: string;
  readonly json: boolean;
}

export interface Session {
  client: PatchStoreClient;
  output: Output;
  steps: Steps;
  settings: Settings;
}

/** A command that talks to a server: with `--server` and `--json`, and examples below its help. */
export function serverCommand(nameAndArguments: string, examples: readonly string[]): Command {
  const [name, ...parameters] = nameAndArguments.split(' ');
  const command = new Command(name);
  for (const parameter of parameters) command.argument(parameter);
  return withExamples(command, examples)
    .option(
      '--server <url>',
      "patch-store's address; default: PATCHPOINT_SERVER, the config file, `patchpoint up`",
    )
    .option('--json', 'for programs: JSON, or one JSON object per line for streams', false);
}

export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', ['\nExamples:', ...examples.map((line) => `  $ ${line}`)].join('\n'));
}

export function openSession({ server, json }: ServerOptions): Session {
  const settings = readSettings({ server });
  return {
    client: new PatchStoreClient(settings.server, settings.token, settings.tokenFrom),
    output: new Output(json),
    steps: new Steps(json),
    settings,
  };
}
