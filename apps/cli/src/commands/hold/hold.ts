import { join } from 'node:path';
import { Command } from 'commander';
import { SecretDesk, type HeldCheckpoint, type SecretDecision } from '#git';
import { CliError } from '../../errors/cli-error.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import { oneLine } from '../../output/format.js';
import { Output } from '../../output/output.js';
import { withExamples } from '../../shell/server-command.js';
import { decidedView, holdsView } from './hold.view.js';
import { stateFolders } from './state-folders.js';

interface HoldOptions {
  readonly stateDir?: string;
  readonly json?: true;
}

/** `patchpoint hold`: checkpoints that wait on this machine, because they may hold secrets. */
export function holdCommand(): Command {
  return withExamples(new Command('hold'), [
    'patchpoint hold list',
    'patchpoint hold release 01a20514-a008-7493-afc0-154df210ecb7',
  ])
    .description('checkpoints that wait on this machine for what may be secrets: look at them, decide')
    .addCommand(listCommand())
    .addCommand(decideCommand('release', 'send it as it is; the same contents are not asked for again'))
    .addCommand(decideCommand('omit', 'leave the files out, of this checkpoint and of all later ones'));
}

function listCommand(): Command {
  return localCommand('list', ['patchpoint hold list', 'patchpoint hold list --json'])
    .description('the oldest first')
    .action(async ({ stateDir, json }: HoldOptions) => {
      const held = (await findHeld(stateDir)).map(({ checkpoint }) => checkpoint);
      new Output(json === true).show({ held }, holdsView);
    });
}

function decideCommand(decision: SecretDecision, description: string): Command {
  return localCommand(decision, [`patchpoint hold ${decision} 01a20514-a008-7493-afc0-154df210ecb7`])
    .description(description)
    .argument('<id>')
    .action(async (id: string, { stateDir, json }: HoldOptions) => {
      const { desk, checkpoint } = await findOne(id, stateDir);
      const { eventId, files } = checkpoint;
      if (decision === 'omit') requireUntracked(checkpoint);
      await desk.decide(
        files.map(({ contentId }) => contentId),
        decision,
      );
      new Output(json === true).show({ eventId, decision, files }, decidedView);
    });
}

function localCommand(name: string, examples: readonly string[]): Command {
  return withExamples(new Command(name), examples)
    .option('--state-dir <folder>', 'PATCHPOINT_STATE_DIR of the daemon; by default all of this user')
    .option('--json', 'print JSON');
}

interface Found {
  desk: SecretDesk;
  checkpoint: HeldCheckpoint;
}

async function findHeld(stateDir: string | undefined): Promise<Found[]> {
  const found: Found[] = [];
  for (const folder of stateFolders(stateDir ?? process.env['PATCHPOINT_STATE_DIR'])) {
    const desk = new SecretDesk(join(folder, 'secrets'));
    for (const checkpoint of await desk.list()) found.push({ desk, checkpoint });
  }
  return found;
}

async function findOne(id: string, stateDir: string | undefined): Promise<Found> {
  const found = (await findHeld(stateDir)).find(({ checkpoint }) => checkpoint.eventId === id);
  if (found !== undefined) return found;
  throw new CliError(`No checkpoint ${id} is held by a daemon of this user on this machine.`, {
    code: 'HOLD_NOT_FOUND',
    nextCommand: ['patchpoint', 'hold', 'list'],
    exitCode: EXIT_CODES.notFound,
  });
}

function requireUntracked({ files }: HeldCheckpoint): void {
  const tracked = files.find(({ isUntracked }) => !isUntracked);
  if (tracked === undefined) return;
  throw new CliError(`${oneLine(tracked.path)} is tracked by git and cannot be left out of a checkpoint.`, {
    code: 'HOLD_TRACKED_FILE',
    nextStep: 'Take the secret out of the file, whose next checkpoint is then sent; or release this one.',
  });
}
