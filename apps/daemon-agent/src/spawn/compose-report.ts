import { v7 as uuidv7 } from 'uuid';
import { compose, TaskReported, type SpawnTask, type TaskReport } from '#contracts';

export type ReportDetails = Partial<Omit<TaskReported, 'report' | 'eventId' | 'schemaVersion'>>;

/** Pure but for id and time: a report of an attempt. */
export function composeReport(
  daemonId: string,
  spawn: SpawnTask,
  report: TaskReport,
  details: ReportDetails,
): TaskReported {
  return compose(TaskReported, {
    eventId: uuidv7(),
    daemonId,
    taskId: spawn.taskId,
    attempt: spawn.attempt,
    report,
    reportedAt: new Date().toISOString(),
    ...details,
    reason: details.reason?.slice(0, 8000),
  });
}
