import { v7 as uuidv7 } from 'uuid';
import { compose, MAX_FAILED_TRIES, TaskReported, type SpawnTask, type TaskReport } from '#contracts';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';

export type ReportDetails = Partial<Omit<TaskReported, 'report' | 'eventId' | 'schemaVersion'>>;

/** Pure, except for id and time: a report on an attempt. */
export function composeReport(
  daemonId: string,
  { taskId, attempt }: Pick<SpawnTask, 'taskId' | 'attempt'>,
  report: TaskReport,
  details: ReportDetails,
): TaskReported {
  return compose(TaskReported, {
    eventId: uuidv7(),
    daemonId,
    taskId,
    attempt,
    report,
    reportedAt: new Date().toISOString(),
    ...details,
    reason: details.reason?.slice(0, 8000),
  });
}

/** Pure: what an attempt that started lacks: the work of earlier ones, or its setup. */
export function startedReason({ reason, setup }: PreparedWorktree): string | undefined {
  const failed = setup?.problem && `the setup command failed: ${setup.problem}`;
  return [reason, failed].filter(Boolean).join('; ') || undefined;
}

/** Pure: the details of a `restored` report. */
export function restoredDetails(
  { worktreeDir, failedTries }: PreparedWorktree,
  { checkpoint, ...restored }: NonNullable<PreparedWorktree['restored']>,
): ReportDetails {
  return {
    worktreePath: worktreeDir,
    checkpointNumber: checkpoint.checkpointNumber,
    treeSha: restored.treeSha,
    baseSha: checkpoint.patchBaseSha,
    patchFilesCount: checkpoint.patchFilesCount,
    durationMilliseconds: restored.durationMilliseconds,
    movedAsideTo: restored.movedAsideTo ?? undefined,
    commitsCount: restored.commitsCount,
    checkpointAgeSeconds: checkpoint.checkpointAgeSeconds,
    omissions: checkpoint.omissions,
    omissionsCount: checkpoint.omissionsCount,
    failedTries: failedTries.slice(0, MAX_FAILED_TRIES),
  };
}
