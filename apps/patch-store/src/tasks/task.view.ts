import type { TaskState } from '#contracts';
import type { ListedTask, Task } from '#database';

/** A task in a list. Times by the database's clock. What may be large, its plan and its conversation history, is left out. */
export interface TaskSummary {
  id: string;
  name: string;
  runner: string;
  repoUrl: string;
  baseBranch: string | null;
  targetBranch: string | null;
  isSupervisor: boolean;
  autoResume: boolean;
  pool: string;
  /** The only daemon that may take the current attempt; null: any of the pool. */
  requestedDaemonId: string | null;
  /** Who holds the current attempt; null: nobody has claimed it yet. */
  daemonId: string | null;
  state: TaskState;
  stateReason: string | null;
  attempt: number;
  lastCheckpointNumber: number;
  exitCode: number | null;
  worktreePath: string | null;
  createdAt: string;
  updatedAt: string;
  spawnedAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

/** One task. Its conversation history is left out. */
export interface TaskView extends TaskSummary {
  plan: string;
}

export function taskView(task: Task): TaskView {
  return { ...taskSummary(task), plan: task.plan };
}

export function taskSummary(task: ListedTask): TaskSummary {
  return {
    id: task.id,
    name: task.name,
    runner: task.runner,
    repoUrl: task.repoUrl,
    baseBranch: task.baseBranch,
    targetBranch: task.targetBranch,
    isSupervisor: task.isSupervisor,
    autoResume: task.autoResume,
    pool: task.pool,
    requestedDaemonId: task.requestedDaemonId,
    daemonId: task.daemonId,
    state: task.state,
    stateReason: task.stateReason,
    attempt: task.attempt,
    lastCheckpointNumber: task.lastCheckpointNumber,
    exitCode: task.exitCode,
    worktreePath: task.worktreePath,
    createdAt: task.createdAt.toISOString(),
    updatedAt: task.updatedAt.toISOString(),
    spawnedAt: task.spawnedAt.toISOString(),
    startedAt: task.startedAt?.toISOString() ?? null,
    endedAt: task.endedAt?.toISOString() ?? null,
  };
}
