import type { FailingCapturesView, TaskSummary, TaskView } from '#contracts';
import type { ListedTask, Task, TaskRecovery, UnconfirmedOfTask } from '#database';
import { forkedFrom, hasUnsavedWork } from '#tasks';
import { recoveryView } from './recovery-view.js';

/** What other tables contain about a task. */
export interface TaskSurroundings {
  recovery: TaskRecovery;
  unconfirmed: UnconfirmedOfTask | undefined;
}

/** Pure: a task as HTTP shows it, with its plan, from its row. */
export function taskView(task: Task, surroundings: TaskSurroundings): TaskView {
  return { ...taskSummary(task, surroundings), plan: task.plan };
}

/** Pure: the same without the plan. */
export function taskSummary(task: ListedTask, { recovery, unconfirmed }: TaskSurroundings): TaskSummary {
  return {
    id: task.id,
    name: task.name,
    runner: task.runner,
    unattended: task.unattended,
    repoUrl: task.repoUrl,
    baseBranch: task.baseBranch,
    targetBranch: task.targetBranch,
    setup: task.setup,
    isSupervisor: task.isSupervisor,
    autoResume: task.autoResume,
    pool: task.pool,
    owner: task.owner,
    requestedDaemonId: task.requestedDaemonId,
    daemonId: task.daemonId,
    state: task.state,
    stateReason: task.stateReason,
    attempt: task.attempt,
    lastCheckpointNumber: task.lastCheckpointNumber,
    forkedFrom: forkedFrom(task),
    exitCode: task.exitCode,
    worktreePath: task.worktreePath,
    createdAt: task.createdAt.toISOString(),
    updatedAt: task.updatedAt.toISOString(),
    spawnedAt: task.spawnedAt.toISOString(),
    startedAt: task.startedAt?.toISOString() ?? null,
    endedAt: task.endedAt?.toISOString() ?? null,
    recovery: recoveryView(recovery),
    unconfirmedCaptures: unconfirmed ?? null,
    failingCaptures: failingCaptures(task),
    unsavedWork: hasUnsavedWork(task),
  };
}

function failingCaptures({
  capturesFailingSince: since,
  capturesFailingReason: reason,
}: ListedTask): FailingCapturesView | null {
  return since === null || reason === null ? null : { since: since.toISOString(), reason };
}
