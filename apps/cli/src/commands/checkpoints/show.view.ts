import { isCopied, type CheckpointDetail, type CheckpointView, type TaskSummary } from '#contracts';
import { age, count, oneLine, shortId } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import { fields } from '../../output/table.js';
import { checkpointFlags, lines } from '../../cells/checkpoint-flags.js';
import { fileLines } from '../../cells/file-lines.js';

export interface Shown {
  task: Pick<TaskSummary, 'id' | 'name'>;
  checkpoint: CheckpointDetail;
}

/** Pure: `patchpoint show`. */
export function showView({ task, checkpoint }: Shown, look: Look): string {
  const { paint, now } = look;
  const head = fields(
    [
      ['checkpoint', `${paint('bold', oneLine(task.name))} ${shortId(task.id)}@${checkpoint.number}`],
      ['message', oneLine(checkpoint.message)],
      ['stored', `${age(checkpoint.createdAt, now)} ago (${checkpoint.createdAt})`],
      ['by', `${checkpoint.daemonId}, ${attemptOf(checkpoint)}, ${checkpoint.kind}`],
      ['branch', checkpoint.branchName === null ? 'detached HEAD' : oneLine(checkpoint.branchName)],
      ['HEAD', checkpoint.commitSha ?? 'no commit'],
      ['tree', checkpoint.treeSha],
      ...conversationField(checkpoint),
      ['modes', modesOf(checkpoint)],
      ['flags', checkpointFlags(checkpoint, paint).join(', ')],
    ],
    paint,
  );
  return [head, changes(checkpoint, look), omissions(checkpoint, look), secrets(checkpoint, look)]
    .filter(Boolean)
    .join('\n\n');
}

function attemptOf({ attempt }: CheckpointView): string {
  return isCopied(attempt) ? 'in the task that this one is a fork of' : `attempt ${attempt}`;
}

function conversationField({ conversation }: CheckpointView): [string, string][] {
  if (!conversation) return [];
  const { runner, sessionId, linesCount } = conversation;
  return [['conversation', `${runner} ${sessionId}, ${count(linesCount, 'line')}`]];
}

/** In octal, as `chmod` has them. */
function modesOf({ modes }: CheckpointView): string {
  if (!modes) return 'as a checkout makes them';
  const { files, executables, folders, exceptions } = modes;
  const named = exceptions.reduce((sum, { paths }) => sum + paths.length, 0);
  const rest = `files ${octal(files)}, executables ${octal(executables)}, folders ${octal(folders)}`;
  return `kept: ${rest}; ${count(named, 'path')} with another`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, '0');
}

function changes({ files, ...checkpoint }: CheckpointDetail, { paint }: Look): string {
  if (checkpoint.filesChanged === 0) return 'Nothing differs from the base.';
  const number = checkpoint.filesChanged ?? files?.length ?? 0;
  const title = `${count(number, 'file')} changed since the base, ${lines(checkpoint, paint)}`;
  if (files === null) return `${title}\nThere is no readable diff, so they are not listed.`;
  return [title, ...fileLines(files, paint)].join('\n');
}

function omissions({ omissions: listed, omissionsCount }: CheckpointView, { paint }: Look): string {
  if (omissionsCount === 0) return '';
  const rows = listed.map(({ path, reason }) => `  ${oneLine(path)}  ${paint('dim', oneLine(reason))}`);
  if (omissionsCount > listed.length) rows.push(`  and ${omissionsCount - listed.length} more`);
  return [paint('yellow', `${count(omissionsCount, 'omission')}: not in this checkpoint`), ...rows].join(
    '\n',
  );
}

/** An older server says nothing of them. */
function secrets({ secrets: found = [] }: Partial<CheckpointView>, { paint }: Look): string {
  if (found.length === 0) return '';
  const rows = found.map(({ path, rule }) => `  ${oneLine(path)}  ${paint('dim', oneLine(rule))}`);
  return [paint('yellow', 'In this checkpoint, and maybe secret:'), ...rows].join('\n');
}
