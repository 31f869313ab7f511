import type { Command } from 'commander';
import { createProgram } from '../../apps/cli/src/program.js';
import type { screens } from './screens.js';

/** Pure: docs/cli.md. */
export async function renderCliDocument(shown: ReturnType<typeof screens>): Promise<string> {
  return `# The command line

In a checkout, run \`npx patchpoint\`; this page writes \`patchpoint\`. \`npm run docs\` generates this file, with screens from a real run.

## Which server

The command uses the first of these that exists:

1. \`--server URL\`
2. \`PATCHPOINT_SERVER\`
3. \`"server"\` in \`$XDG_CONFIG_HOME/patchpoint/config.json\` (\`~/.config/patchpoint/config.json\`)
4. the \`patchpoint up\` that you run on this machine. It is found by a record in your own \`$XDG_STATE_HOME/patchpoint/running\`
   (\`~/.local/state/…\`), not by a port, which any user of the machine could take.

The bearer token is \`PATCHPOINT_API_TOKEN\`, otherwise \`"token"\` in the config file, otherwise the one of a \`patchpoint up\` that runs on this
machine, which only you can read. The latter two are sent only to their own server. The config file is a JSON object with \`server\`,
\`token\`, and for \`watch\` \`nats\` and \`natsCredentialsFile\`, nothing else.

## What \`up\` keeps

The data folder keeps all that is stored, what \`up\` and your commands prove themselves by
([security](security.md#on-one-machine)), and in \`ports.json\` the ports of patch-store, NATS and Postgres, so
that the next start has the same addresses. Where another process has taken a port in the meantime, a new one is chosen, said in one line
and kept. \`--port\` wins over what is kept. A second \`up\` on the same data folder says where Patchpoint already runs, and exits with 0.

## Tasks by name

\`TASK\` is an id, at least 4 digits from its beginning or end, or a name. If it matches several tasks, the error lists them with
age, source and daemon. \`TASK@N\` is checkpoint N of the task. If a task's own name ends like that, as in \`fix@3\`, the name wins
(\`fix@3@2\` is its checkpoint 2); if \`fix\` has a checkpoint 3 too, the error lists both with their ids.

## When the source of a watched worktree moves

\`watch\` goes on with the task of the earlier watch while the worktree's remote has the same address, and begins a new task when it has another
one: it may be another project. It says so in one line, with both addresses. \`watch --task TASK\` goes on with the earlier task. The task
then has the new address, from which \`restore\` fetches, also for the earlier checkpoints: what was pushed to the old one must be there too. A
worktree whose remote was removed leaves the task its address.

## When a watch has no server

\`watch\` needs no server to begin or to go on. Without one it says so in one line (\`cut off since 14:02: …\`), captures as always, and keeps
what it captures on this disk (\`no server: 3 checkpoints wait on this disk\`). Every two seconds it reads the settings again and looks for
the server, which may have other addresses or credentials by then. When one answers, the task is created or resumed there, everything that
waited is delivered, and one line says how much (\`connected again, 3 delivered\`). With \`--json\` these are the events \`cut-off\`, \`kept\` and
\`connected\`. Where a server answers that does not know the task, the watch warns that it is another one, and creates the task there.

\`watch --once\` does not wait for a server: it exits with 5, and the next \`watch\` in this folder delivers the checkpoint. A watch whose task
was stopped or continued elsewhere meanwhile ends with that reason; what it captured is delivered too.

## For programs

\`--json\` prints one JSON object; \`events\`, \`watch\` and \`--follow\` print one object per line. Fields have the same names as over HTTP. Fields
are added, never renamed or removed.

| command | object |
| --- | --- |
| \`status\` | \`tasks\` (as \`GET /v1/tasks\`), \`daemons.alive\`, \`daemons.dead\` |
| \`tasks\`, \`daemons\`, \`dead-letters list\` | \`tasks\`, \`daemons\`, \`deadLetters\` |
| \`log\` | \`task\`, \`checkpoints\`, each with \`sizeBytes\` |
| \`show\`, \`checkpoint\` | \`task\`, \`checkpoint\` with \`files\`; \`show --patch\`: \`patch\` |
| \`run\`, \`resume\`, \`stop\` | the task |
| \`restore\` | \`taskId\`, \`checkpointNumber\`, \`folder\`, \`treeSha\`, \`baseSha\`, \`branchName\`, \`commitsCount\`, \`filesChanged\`, \`checkpointAgeSeconds\`, \`omissions\`, \`setup\` (not run; null: none) |
| \`restore --path\` | \`taskId\`, \`checkpointNumber\`, \`folder\`, \`written\`, \`unchanged\` |
| \`restore --dry-run\` | \`task\`, \`taskId\`, \`checkpointNumber\`, \`folder\`, \`treeSha\`, \`baseSha\`, \`files\` |
| \`events\`, \`--follow\` | \`id\`, \`event\`, \`data\` |
| \`doctor\` | \`findings\`: \`what\`, \`status\` (\`ok\`, \`warning\`, \`problem\`, \`skipped\`), \`found\`, \`fix\` |

Results go to standard output, progress and errors to standard error. An error is a sentence and the next step, or with \`--json\`
\`{"error": {"code", "message", "nextStep", "nextCommand"}}\`. Where the next step is one command, \`nextCommand\` is the list
of its words; otherwise it is \`null\`. While \`watch\` captures for longer than a second, a terminal shows how far it has come: files
looked at, files and bytes hashed.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | it failed or was refused; with \`--follow\`: the task did not complete; \`doctor\`: there is a problem |
| 2 | a flag or argument is wrong; nothing was done |
| 3 | the thing named does not exist, no longer exists (an expired patch), or is ambiguous |
| 4 | no server answers, or the server does not accept the token |
| 5 | everything is captured, and some of it waits on this disk only: no server has confirmed it (\`watch\`) |
| 130 | Ctrl-C while following |

When a connection breaks, the request is retried for a few seconds; it still runs only once.

Output is coloured only on a terminal; \`NO_COLOR\` switches colours off. On a terminal, \`show --patch\` uses \`$PAGER\` (\`less\`).

## What \`restore\` promises

The folder is built from base and patch in a private place, and its tree hash is computed from the files on disk. Only then is it renamed
into place; on any error nothing is left behind. A folder that is not empty is refused. The folder is an independent repository
with the source as \`origin\` and its whole history: you can move it and copy it, and it needs no mirror. \`--path\` writes single files as the
raw bytes that git stores (line endings and LFS pointers unconverted). It verifies each by its hash, writes it whole or not at all, and never
overwrites a file that differs.

## Screens

${screen('patchpoint status', shown.status)}

\`UNCONFIRMED\` counts captures that the daemon has not seen stored, and that would be lost with its disk: \`2, oldest 5 min\`. \`2, 3 h ago\` is
the last count from a daemon that is silent now; \`?\` means that the daemon does not report it.

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
