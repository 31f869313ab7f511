import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CheckpointView } from '#contracts';
import { chooseSetup, previewRestore, readProjectFile, restorePaths, restoreWorktree } from '#git';
import { EXIT_CODES } from '../../errors/exit-codes.js';
import { usageError } from '../../errors/cli-error.js';
import { shortId } from '../../output/format.js';
import { moment } from '../../shell/option-values.js';
import { chooseCheckpoint, nextOlder } from './choose-checkpoint.js';
import { restoreFromCheckpoint } from './restore-from-checkpoint.js';
import { defaultFolder, requireUnusedFolder } from './target-folder.js';
import { sameCommand } from '../../shell/same-command.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { findReferenced } from '../../find/find-referenced.js';
import { previewView, restoredPathsView, restoredView } from './restore.view.js';

interface RestoreOptions extends ServerOptions {
  readonly at?: Date;
  readonly into?: string;
  readonly path?: string[];
  readonly dryRun: boolean;
  readonly withConversation: boolean;
}

/** `patchpoint restore`: the worktree here, whichever daemon made it. */
export function restoreCommand(): Command {
  return serverCommand('restore <task[@n]>', [
    'patchpoint restore fix-login --into ~/fix-login',
    'patchpoint restore fix-login@12 --dry-run',
    'patchpoint restore fix-login --at 1h',
    'patchpoint restore fix-login --path src/login.ts --path docs --into /tmp/look',
  ])
    .description(
      'bring a worktree back on this machine, exactly as captured or not at all; never over existing files',
    )
    .option(
      '--at <time>',
      'the newest checkpoint at that time: 90s, 15m, 1h, 2d ago, or 2030-01-31T14:00',
      moment,
    )
    .option('--into <dir>', 'a new folder for it; default: NAME-ID here')
    .option(
      '--path <path...>',
      'only these files or folders, as raw bytes; --into may then be a folder that exists',
    )
    .option(
      '--with-conversation',
      'also place the conversation of its agent in your home, so that you can go on with it',
      false,
    )
    .option('--dry-run', 'show what would change, write nothing', false)
    .action(restore);
}

async function restore(reference: string, options: RestoreOptions, called: Command): Promise<void> {
  const { at, into, path: paths, dryRun, withConversation, ...server } = options;
  const { client, output, steps } = openSession(server);
  const { task, checkpointNumber: number } = await findReferenced(client, reference);
  if (number !== undefined && at !== undefined)
    throw usageError('TASK@N and --at say different things; leave one out.');
  if (withConversation && (dryRun || paths !== undefined))
    throw usageError('--with-conversation goes with a whole worktree; leave --path and --dry-run out.');
  const all: CheckpointView[] = [];
  for await (const each of client.allCheckpoints(task.id)) all.push(each);
  const { checkpoint, passedOver } = chooseCheckpoint(all, { number, at });
  for (const { number, patchAbsentReason } of passedOver) {
    steps.step(
      `passing over checkpoint ${number}: ${patchAbsentReason ?? 'its patch has expired or was deleted'}`,
    );
  }
  const folder = into ?? defaultFolder(task);
  const worktreeDir = paths === undefined ? await requireUnusedFolder(folder) : resolve(folder);
  const older = nextOlder(all, checkpoint);
  // By its id: another task may have its name by the time that the command is run.
  const olderCommand = older && sameCommand(called, `${task.id}@${older.number}`, ['at']);
  const source = { client, steps, repoUrl: task.repoUrl, checkpoint, worktreeDir, olderCommand };
  const common = { taskId: task.id, checkpointNumber: checkpoint.number, folder: worktreeDir };

  // A server of an older version says nothing of them.
  const modes = checkpoint.modes ?? null;
  if (dryRun) {
    const { result, baseSha } = await restoreFromCheckpoint(source, previewRestore);
    const files = paths === undefined ? result : result.filter((file) => isBelow(file.path, paths));
    output.show({ task, ...common, baseSha, treeSha: checkpoint.treeSha, files }, previewView);
    return;
  }
  if (paths !== undefined) {
    const { result } = await restoreFromCheckpoint(source, (request) =>
      restorePaths({ ...request, paths, modes }),
    );
    output.show({ ...common, ...result }, restoredPathsView);
    return;
  }
  const branchName = checkpoint.branchName ?? `patchpoint/${shortId(task.id)}`;
  const { result, baseSha } = await restoreFromCheckpoint(source, (request) =>
    restoreWorktree({ ...request, branchName, modes }),
  );
  const conversation = withConversation
    ? await (await import('./restore-conversation.js')).restoreConversation(client, checkpoint, worktreeDir)
    : undefined;
  output.show(
    {
      ...common,
      conversation,
      setup: chooseSetup(task.setup, await readProjectFile(worktreeDir)),
      treeSha: result.treeSha,
      baseSha,
      branchName: result.branchName,
      commitsCount: result.commitsCount,
      filesChanged: result.filesWritten,
      checkpointAgeSeconds: Math.max(0, Math.round((Date.now() - Date.parse(checkpoint.createdAt)) / 1000)),
      omissions: checkpoint.omissions,
    },
    restoredView,
  );
  if (conversation?.problem) process.exitCode = EXIT_CODES.failed;
}

function isBelow(file: string, paths: readonly string[]): boolean {
  return paths.some((path) => file === path || file.startsWith(`${path.replace(/\/+$/, '')}/`));
}
