import type { Command } from 'commander';
import type { CheckpointView } from '#contracts';
import { CliError } from '../../errors/cli-error.js';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import { page } from '../../output/pager.js';
import { paintFor } from '../../output/paint.js';
import { readDiff } from '../../find/read-diff.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { findCheckpoint } from '../../find/find-checkpoint.js';
import { patchView } from './patch.view.js';
import { showView } from './show.view.js';

interface ShowOptions extends ServerOptions {
  readonly patch: boolean;
}

/** `patchpoint show`: the content of a checkpoint. */
export function showCommand(): Command {
  return serverCommand('show <task[@n]>', [
    'patchpoint show fix-login',
    'patchpoint show fix-login@12 --patch',
    'patchpoint show fix-login@12 --patch | git apply --stat',
  ])
    .description(
      'show the content of a checkpoint: its files, what it left out, its diff; the newest unless @N is given',
    )
    .option('--patch', 'the diff from the base; unchanged bytes if the output is not a terminal', false)
    .action(show);
}

async function show(reference: string, { patch, ...server }: ShowOptions): Promise<void> {
  const { client, output } = openSession(server);
  const { task, checkpoint } = await findCheckpoint(client, reference);
  if (patch) {
    const paint = paintFor(process.stdout);
    const diff = await readDiff(client, requirePatch(checkpoint));
    if (server.json) output.show({ patch: diff }, () => diff);
    else await page(process.stdout.isTTY ? patchView(diff, paint) : diff);
    return;
  }
  output.show({ task, checkpoint }, showView);
}

function requirePatch({ number, patchId, bundleId, patchAbsentReason }: CheckpointView): string {
  if (patchId !== null) return patchId;
  const reason =
    patchAbsentReason ?? (bundleId === null ? 'it has expired or was deleted' : 'it has only a bundle');
  throw new CliError(`Checkpoint ${number} has no diff to show: ${reason}.`, {
    code: 'PATCH_NOT_FOUND',
    nextStep: 'See `patchpoint log TASK` for one that has a diff.',
    exitCode: EXIT_CODES.notFound,
  });
}
