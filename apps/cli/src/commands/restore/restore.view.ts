import type { CheckpointView, TaskSummary } from '#contracts';
import { harmlessLine } from '#contracts/text';
import type { ChangedFile } from '#git';
import { count, duration, oneLine, shortId } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import { shellCommand, shellWord } from '../../output/shell-word.js';
import { fields } from '../../output/table.js';
import type { RestoredConversation } from './restore-conversation.js';
import { fileLines } from '../../cells/file-lines.js';

/** `restore --json`. */
export interface RestoreResult {
  taskId: string;
  checkpointNumber: number;
  /** Computed from the files on disk, and equal to the captured one. */
  treeSha: string;
  baseSha: string;
  folder: string;
  branchName: string;
  commitsCount: number;
  filesChanged: number;
  checkpointAgeSeconds: number;
  omissions: CheckpointView['omissions'];
  /** The command that makes the rest of its environment, which was not run; null: none is named. */
  setup: string | null;
  /** With `--with-conversation`. */
  conversation?: RestoredConversation | undefined;
}

/** Pure: what a whole restore says. */
export function restoredView(result: RestoreResult, { paint }: Look): string {
  const { folder, treeSha, branchName, commitsCount, filesChanged, omissions } = result;
  const head = fields(
    [
      ['restored', paint('bold', folder)],
      ['verified', `${paint('green', '✓')} tree ${treeSha}`],
      [
        'branch',
        `${oneLine(branchName)}${commitsCount > 0 ? `, with ${count(commitsCount, 'local commit')}` : ''}`,
      ],
      ['changes', `${count(filesChanged, 'file')} on top of the base`],
      ['age', `as of checkpoint ${result.checkpointNumber}, ${duration(result.checkpointAgeSeconds)} ago`],
      ...conversationField(result, paint),
    ],
    paint,
  );
  const left = omissions.map(({ path, reason }) => `  ${oneLine(path)}  ${paint('dim', oneLine(reason))}`);
  return [
    head,
    ...(left.length > 0 ? [paint('yellow', 'Not in the checkpoint:'), ...left] : []),
    '',
    'Next:',
    ...setupLines(result),
    `  cd ${shellWord(folder)} && ${shellCommand(result.conversation?.command ?? ['git', 'status'])}`,
    `  patchpoint resume ${shortId(result.taskId)}   # an agent continues the task, on a daemon`,
  ].join('\n');
}

/** Programs of others run on daemons alone: whoever restores decides. */
function setupLines({ folder, setup }: RestoreResult): string[] {
  if (setup === null) return [];
  return [`  cd ${shellWord(folder)}`, `  ${oneLine(setup)}   # its setup; not run here`];
}

function conversationField({ conversation }: RestoreResult, paint: Look['paint']): [string, string][] {
  if (conversation === undefined) return [];
  const { problem, sessionId, linesCount } = conversation;
  if (problem !== null) return [['conversation', paint('yellow', `not placed: ${oneLine(problem)}`)]];
  return [['conversation', `${sessionId}, ${count(linesCount!, 'line')}, ${paint('green', '✓')} verified`]];
}

export interface PathsResult {
  taskId: string;
  checkpointNumber: number;
  folder: string;
  written: string[];
  unchanged: string[];
}

/** Pure: what a restore of single paths says. */
export function restoredPathsView({ folder, written, unchanged }: PathsResult, { paint }: Look): string {
  return [
    `${count(written.length, 'file')} written into ${paint('bold', folder)}, verified`,
    ...written.map((path) => `  ${harmlessLine(path)}`),
    ...(unchanged.length > 0 ? [`${count(unchanged.length, 'file')} there already, the same`] : []),
  ].join('\n');
}

export interface PreviewResult {
  task: Pick<TaskSummary, 'id' | 'name'>;
  checkpointNumber: number;
  baseSha: string;
  treeSha: string;
  folder: string;
  files: readonly ChangedFile[];
}

/** Pure: what `--dry-run` says. */
export function previewView(
  { checkpointNumber, baseSha, treeSha, folder, files }: PreviewResult,
  { paint }: Look,
): string {
  return [
    `Checkpoint ${checkpointNumber} would be restored into ${paint('bold', folder)}:`,
    `tree ${treeSha} (proven) on the base ${baseSha}, ${count(files.length, 'file')} changed`,
    ...fileLines(files, paint),
    'Nothing was written.',
  ].join('\n');
}
