import { isCopied, type CheckpointToRestore, type SpawnTask } from '#contracts';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';

/** How many omissions are listed; the rest are counted. */
const LISTED_OMISSIONS = 20;

/**
 * Pure: what an agent should know about the worktree that it finds after a resume, as Markdown: which
 * checkpoint it is and how old, what was restored, what was not, and what was tried and failed.
 */
export function recoveryBrief(
  spawn: SpawnTask,
  worktree: PreparedWorktree,
  conversationFile: string | undefined,
): string {
  const sections = [
    `# Recovery brief\n\nTask "${spawn.taskName}" (${spawn.taskId}), attempt ${spawn.attempt}.`,
    whereFrom(spawn, worktree),
    whatHappened(spawn, worktree),
    setupOf(worktree),
    worktree.restored ? whatIsMissing(worktree.restored.checkpoint) : '',
    whatFailed(worktree.failedTries),
    conversationFile ? `## Conversation\n\nThe conversation so far is in \`${conversationFile}\`.` : '',
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

/** Said of the state that a fork begins with, not of its own later ones. */
function whereFrom({ forkedFrom }: SpawnTask, { restored }: PreparedWorktree): string {
  if (forkedFrom === undefined || !isCopied(restored?.checkpoint.checkpointAttempt)) return '';
  return `It is a fork: it begins with checkpoint ${forkedFrom.checkpointNumber} of task ${forkedFrom.taskId}, in a worktree and on a branch of its own. The other task may go on, and nothing that is done here reaches it.`;
}

function whatHappened(spawn: SpawnTask, worktree: PreparedWorktree): string {
  switch (worktree.origin) {
    case 'reused':
      return `The worktree is the one that the last attempt left on this machine: nothing was lost.`;
    case 'fresh':
      if (!spawn.resumeSession) return 'The worktree is fresh.';
      return `**The worktree is fresh.** Work of earlier attempts is not in it${worktree.reason ? `: ${worktree.reason}` : ''}.`;
    case 'restored': {
      const { checkpoint } = worktree.restored!;
      return [
        '## What was restored',
        '',
        `- Checkpoint ${checkpoint.checkpointNumber}${checkpoint.checkpointMessage ? ` ("${firstLine(checkpoint.checkpointMessage)}")` : ''}, ${age(checkpoint.checkpointAgeSeconds)} when it was chosen. Anything done after it is lost.`,
        `- All tracked files and all untracked files that are not ignored; the tree hash \`${worktree.restored!.treeSha}\` was verified on disk.`,
        worktree.restored!.commitsKept
          ? `- Branch \`${worktree.branchName ?? '(detached)'}\` with its local commits. Staged and unstaged changes are both unstaged now.`
          : `- Branch \`${worktree.branchName ?? '(detached)'}\` at the base commit. Local commits were restored as uncommitted changes.`,
        ...(worktree.restored!.movedAsideTo
          ? [`- An older folder of the same name was kept at \`${worktree.restored!.movedAsideTo}\`.`]
          : []),
      ].join('\n');
    }
  }
}

function whatIsMissing(checkpoint: CheckpointToRestore): string {
  const omissions = checkpoint.omissions ?? [];
  const count = checkpoint.omissionsCount ?? omissions.length;
  const listed = omissions.slice(0, LISTED_OMISSIONS).map(({ path, reason }) => `- \`${path}\`: ${reason}`);
  const more = count - listed.length;
  return [
    '## What was not restored',
    '',
    '- Ignored files (dependencies, build output, local settings): install or build them again.',
    '- Empty folders, and the contents of nested repositories and submodules.',
    ...listed,
    ...(more > 0 ? [`- … and ${more} more`] : []),
  ].join('\n');
}

function setupOf({ setup }: PreparedWorktree): string {
  if (setup === undefined) return '';
  const { command, problem, outputTail } = setup;
  const result =
    problem === undefined ? 'has run since.' : `failed: ${problem}. What it was to make may be missing.`;
  const tail = outputTail?.trim().split('\n');
  return [
    '## Setup',
    '',
    `The command \`${firstLine(command)}\` ${result}`,
    ...(tail ? ['', ...tail.map((line) => `    ${line}`)] : []),
  ].join('\n');
}

function whatFailed(failedTries: readonly string[]): string {
  if (failedTries.length === 0) return '';
  return ['## Tried without success', '', ...failedTries.map((tried) => `- ${tried}`)].join('\n');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}

function age(seconds: number | undefined): string {
  if (seconds === undefined) return 'of unknown age';
  if (seconds < 120) return `${seconds} s old`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min old`;
  return `${Math.round(seconds / 3600)} h old`;
}
