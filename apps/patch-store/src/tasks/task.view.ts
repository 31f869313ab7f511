import type { TaskState } from '#contracts';
import type { Task } from '#database';

/** A task as HTTP shows it. Times by the database's clock. The conversation history, which may be large, is left out. */
export interface TaskView {
  id: string;
  name: string;
  plan: string;
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

export function taskView(task: Task): TaskView {
  return {
    id: task.id,
    name: task.name,
    plan: task.plan,
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
