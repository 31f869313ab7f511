import type { Command } from 'commander';
import { createProgram } from '../../apps/cli/src/program.js';
import type { screens } from './screens.js';

/** Pure: docs/cli.md. */
export async function renderCliDocument(shown: ReturnType<typeof screens>): Promise<string> {
  return `# The command line

\`npx patchpoint\` in a checkout, \`patchpoint\` below. This file is written by \`npm run docs\`; the screens are those of a real run.

## Which server

The first of these that is there:

1. \`--server URL\`
2. \`PATCHPOINT_SERVER\`
3. \`"server"\` in \`$XDG_CONFIG_HOME/patchpoint/config.json\` (\`~/.config/patchpoint/config.json\`)
4. the \`patchpoint up\` that runs on this machine for you. It is found by a record in your own \`$XDG_STATE_HOME/patchpoint/running\`
   (\`~/.local/state/…\`), not by a port, which any user of the machine could take.

\`PATCHPOINT_API_TOKEN\`, else \`"token"\` in the config file, is the bearer token; the one of the file is sent to the server of the file
alone. The config file is a JSON object with \`server\`, \`token\` and \`nats\` (for \`watch\`), nothing else.

## Tasks by name

\`TASK\` is an id, 4 digits or more of its beginning or end, or a name. What could be several tasks is an error that lists them. \`TASK@N\` is
checkpoint N of it.

## For programs

\`--json\` prints one JSON object, and a line per object for \`events\`, \`watch\` and \`--follow\`. Fields have the names that they have over
HTTP; fields are added, never renamed or removed.

| command | object |
| --- | --- |
| \`status\` | \`tasks\` (as \`GET /v1/tasks\`), \`daemons.alive\`, \`daemons.dead\` |
| \`tasks\`, \`daemons\`, \`dead-letters list\` | \`tasks\`, \`daemons\`, \`deadLetters\` |
| \`log\` | \`task\`, \`checkpoints\`, each with \`sizeBytes\` |
| \`show\`, \`checkpoint\` | \`task\`, \`checkpoint\` with \`files\`; \`show --patch\`: \`patch\` |
| \`run\`, \`resume\`, \`stop\` | the task |
| \`restore\` | \`taskId\`, \`checkpointNumber\`, \`folder\`, \`treeSha\`, \`baseSha\`, \`branchName\`, \`commitsCount\`, \`filesChanged\`, \`checkpointAgeSeconds\`, \`omissions\` |
| \`restore --path\` | \`taskId\`, \`checkpointNumber\`, \`folder\`, \`written\`, \`unchanged\` |
| \`restore --dry-run\` | \`task\`, \`taskId\`, \`checkpointNumber\`, \`folder\`, \`treeSha\`, \`baseSha\`, \`files\` |
| \`events\`, \`--follow\` | \`id\`, \`event\`, \`data\` |
| \`doctor\` | \`findings\`: \`what\`, \`status\` (\`ok\`, \`warning\`, \`problem\`, \`skipped\`), \`found\`, \`fix\` |

Results go to standard output, progress and errors to standard error: a sentence and the next step, or with \`--json\`
\`{"error": {"code", "message", "nextStep"}}\`.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | it failed or was refused; with \`--follow\`: the task did not complete; \`doctor\`: there is a problem |
| 2 | a flag or argument is wrong; nothing was tried |
| 3 | what was named does not exist, exists no more (an expired patch), or could be several things |
| 4 | no server answers, or it does not accept the token |
| 130 | Ctrl-C while following |

A request whose connection breaks is sent again for a few seconds, and is done once all the same.

Colours are for terminals, and \`NO_COLOR\` switches them off. \`show --patch\` goes through \`$PAGER\` (\`less\`) when a person looks.

## What \`restore\` promises

The folder is made from base and patch in private, its tree hash is computed from the files on disk, and only then is it renamed into
place; or there is an error and nothing is left. A folder that is not empty is refused. It is a git worktree of a mirror in
\`$XDG_STATE_HOME/patchpoint/mirrors\`, which has to stay for as long as the worktree is used. \`--path\` writes single files as the raw bytes that git has
(line ends and LFS pointers unconverted), each proven by its hash, and never over a file that differs.

## Screens

${screen('patchpoint status', shown.status)}

\`UNCONFIRMED\` is what the daemon has captured and not seen stored, and would be lost with its disk: \`2, oldest 5 min\`. \`2, 3 h ago\` is what a
daemon said last that is silent now; \`?\`: it does not tell.

${screen('patchpoint log fix-login', shown.log)}

${screen('patchpoint show fix-login', shown.show)}

## Help

${helpOf(await createProgram()).join('\n\n')}
`;
}

function screen(command: string, output: string): string {
  return `\`\`\`\n$ ${command}\n${output}\n\`\`\``;
}

/** Help of a command and of all below it. */
export function helpOf(command: Command, name = command.name()): string[] {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 110 });
  command.outputHelp();
  const own = screen(`${name} --help`, text.trimEnd());
  const subcommands = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
  return [own, ...subcommands.flatMap((each) => helpOf(each, `${name} ${each.name()}`))];
}
