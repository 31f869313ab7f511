import { MAX_FAILING_TASKS, type FailingCaptures } from '#contracts';
import type { TaskRecord } from '../state/task-record.js';

/** Pure: what a heartbeat says of captures that fail: the longest first, as many as a heartbeat may name. */
export function failingCaptures(records: readonly TaskRecord[], now: Date): FailingCaptures[] {
  return records
    .flatMap(({ spawn: { taskId, attempt }, captureFailure }) => {
      if (captureFailure === undefined) return [];
      const ageSeconds = (now.getTime() - Date.parse(captureFailure.since)) / 1000;
      const failingSeconds = Math.max(0, Math.floor(ageSeconds));
      return [{ taskId, attempt, failingSeconds, reason: captureFailure.reason }];
    })
    .sort((a, b) => b.failingSeconds - a.failingSeconds)
    .slice(0, MAX_FAILING_TASKS);
}
