import { Gauge } from 'prom-client';
import type { TaskRegistry } from '../state/task-registry.js';

/** The tasks of this process, once they are known. */
let observed: TaskRegistry | undefined;

/** Shows these tasks in the metrics. */
export function observeTasks(registry: TaskRegistry): void {
  observed = registry;
}

export const failingCapturesTasks = new Gauge({
  name: 'patchpoint_failing_captures_tasks',
  help: 'Tasks whose newest captures failed: what their worktrees hold since then is in no checkpoint',
  collect() {
    const records = observed?.all() ?? [];
    this.set(records.filter(({ captureFailure }) => captureFailure !== undefined).length);
  },
});
