import type { CaptureTimes } from './measure-captures.js';
import type { CaptureMemory } from './measure-memory.js';
import type { RestoreTimes } from './measure-restores.js';
import type { Summary } from '../shared/statistics.js';
import { markdownTable } from '../shared/table.js';
import { WHY_MISSED, type TargetKey } from './why-missed.js';

export interface Results {
  captures: CaptureTimes;
  restores: RestoreTimes;
  /** Null when it was not measured. */
  memory: CaptureMemory | null;
}

/** Where and on what the results were taken. */
export interface Setting {
  gitVersion: string;
  nodeVersion: string;
  platform: string;
  cores: number;
  /** The machine's load average over a minute, when the measurement began: noise shows here. */
  loadAtStart: number;
  repository: string;
  filesCount: number;
  memoryFilesCount: number;
  rounds: number;
  patchBytes: number;
  uncompressedPatchBytes: number;
  takenAt: Date;
}

/** The files from which on the targets hold. */
const LEAST_FILES = 25_000;
const MAX_RSS_MB = 150;

/** The report as Markdown, formatted as the repository's formatter would. */
export function writeReport(results: Results, setting: Setting): string {
  return `${[
    '# How long captures and restores take',
    '`npm run bench:git` writes this page. Ratios are those of medians from one run; the milliseconds are of the machine below.',
    timesTable(results),
    targetsTable(results),
    ...missedNotes(results),
    '## What was measured',
    conditions(setting).join('\n'),
    memoryNotes(results.memory, setting),
  ].join('\n\n')}\n`;
}

function timesTable({ captures, restores }: Results): string {
  const row = (what: string, times: Summary, floor: Summary): string[] => [
    what,
    times.median.toFixed(0),
    `${times.min.toFixed(0)}–${times.max.toFixed(0)}`,
    ratio(times, floor),
  ];
  const { status } = captures;
  return markdownTable(
    ['operation', 'median, ms', 'min–max, ms', 'ratio'],
    [
      row('`git status --porcelain`', status, status),
      row('capture, 20 files edited and 3 new', captures.capture, status),
      row('the reference: 8 git commands and gzip', captures.reference, status),
      row('idle heartbeat', captures.idle, status),
      row('WIP commit without push, and capture', captures.commitAndCapture, status),
      row('`git worktree add` and `git apply`', restores.bare, restores.bare),
      row('restore with a warm mirror', restores.restore, restores.bare),
    ],
  );
}

interface Verdict {
  key: TargetKey;
  row: [what: string, wanted: string, measured: string];
  isMet: boolean;
}

function judge({ captures, restores, memory }: Results): Verdict[] {
  const upTo = (key: TargetKey, what: string, times: Summary, floor: Summary, target: number): Verdict => ({
    key,
    row: [what, `≤ ${target}`, ratio(times, floor)],
    isMet: times.median / floor.median <= target,
  });
  const { status, capture, reference, idle } = captures;
  const verdicts = [
    upTo('capture', 'capture ÷ `git status`', capture, status, 1.6),
    upTo('reference', 'capture ÷ the reference', capture, reference, 0.6),
    upTo('idle', 'idle heartbeat ÷ `git status`', idle, status, 1.3),
    upTo('restore', 'restore ÷ `worktree add` and `apply`', restores.restore, restores.bare, 1.3),
  ];
  if (memory === null) return verdicts;
  const peak = megabytes(memory.peakBytes);
  const isMet = Number(peak) < MAX_RSS_MB;
  return [...verdicts, { key: 'memory', row: ['memory of a capture, MB', `< ${MAX_RSS_MB}`, peak], isMet }];
}

function targetsTable(results: Results): string {
  const rows = judge(results).map(({ row, isMet }) => row.concat(isMet ? 'met' : 'missed'));
  return markdownTable(['target', 'wanted', 'measured', ''], rows);
}

/** Why, and what was tried, for each target that this run missed. */
function missedNotes(results: Results): string[] {
  const missed = judge(results).filter(({ isMet }) => !isMet);
  if (missed.length === 0) return [];
  return [
    '## What was missed, and why',
    missed.map(({ key, row }) => `- ${row[0]}: ${WHY_MISSED[key]}`).join('\n'),
  ];
}

function conditions(setting: Setting): string[] {
  const few = setting.filesCount < LEAST_FILES ? ` (the targets are for ${LEAST_FILES} and more)` : '';
  const day = setting.takenAt.toISOString().slice(0, 10);
  return [
    `- ${day}, git ${setting.gitVersion}, Node ${setting.nodeVersion}, ${setting.platform}, ${setting.cores} cores, load ${setting.loadAtStart.toFixed(1)} at the start`,
    `- ${setting.repository}, ${setting.filesCount} files${few}; a bare remote, its mirror, and a worktree of it for each contender`,
    `- ${setting.rounds} rounds after one to warm up, the contenders in turn; fresh content in every round, the same for all`,
    `- the patch: ${setting.patchBytes} bytes compressed, ${setting.uncompressedPatchBytes} bytes unpacked`,
    '- the reference: `rev-parse`, `status`, `add -A`, `commit`, `rev-parse`, `branch --show-current`, `diff --binary`, `diff --name-only`, gzip; without its push',
    '- git without a user configuration; files in the file system cache; times include starting the processes',
  ];
}

function memoryNotes(memory: CaptureMemory | null, setting: Setting): string {
  if (memory === null) return 'Memory was not measured.';
  return `Memory: the highest resident set of one Node process that loads the agent's module with all its libraries (${megabytes(memory.loadedBytes)} MB, connected to nothing) and then captures for the first time a worktree of ${setting.memoryFilesCount} files with a patch of ${megabytes(memory.patchBytes)} MB compressed, ${megabytes(memory.uncompressedPatchBytes)} MB unpacked. The git processes that it starts are not counted; 1 MB is 10⁶ bytes.`;
}

function ratio(times: Summary, floor: Summary): string {
  return (times.median / floor.median).toFixed(2);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
