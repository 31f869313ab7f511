import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { TaskReported } from '#contracts';
import {
  Database,
  FAILING_SINCE,
  findTask,
  inSeconds,
  insertOutbox,
  lockTask,
  NOW,
  recordAttempt,
  updateTask,
  type Task,
  type TaskChanges as RowChanges,
} from '#database';
import { RetryLater } from '#messaging';
import { OutboxRelay } from '#outbox';
import type { SpawnCheckpoint } from '../messages/checkpoint-to-restore.js';
import { spawnCommand } from '../messages/spawn-command.js';
import {
  captureHealthChanged,
  outboxMessage,
  stopTask,
  taskEvent,
  worktreeRestored,
  worktreeRestoreFailed,
  type AddressedMessage,
} from '../messages/task-messages.js';
import { taskNotFound } from './task-not-found.js';
import { nextTaskState } from '../decide/task-transitions.js';
import {
  refusalError,
  type TaskAction,
  type TaskChanges,
  type TaskDecision,
  type TaskTransition,
} from '../decide/task-decision.js';
import type { TaskInput } from '../decide/task-input.js';

/** When an input is redelivered that overtook an earlier one. */
const EARLY_RETRY_MILLISECONDS = 200;

/** An input for a task, and what its messages need beyond the task itself. */
export interface TaskStep {
  input: TaskInput;
  /** Columns that the transition does not decide. */
  columns?: Pick<RowChanges, 'pool' | 'requestedDaemonId' | 'stateReason'>;
  /** For a spawn: the checkpoint that it restores, or null for nothing. Null: there was no attempt yet. */
  resume?: { checkpoint: SpawnCheckpoint | null } | null;
  /** The report, if the input is one. */
  report?: TaskReported;
}

/**
 * The one way in which a task changes its state: lock the row, decide (task-transitions.ts), write the row
 * and the resulting messages, commit, wake the relay. All or nothing; steps of one task happen one after
 * another across all replicas.
 */
@Injectable()
export class TaskSteps {
  constructor(
    private readonly database: Database,
    private readonly relay: OutboxRelay,
  ) {}

  /**
   * @param prepare runs while the task is locked
   * @returns the task after the step
   * @throws ContractError `TASK_NOT_FOUND`, or the code of a refusal
   * @throws RetryLater for an input that came too early
   */
  async take(
    taskId: string,
    prepare: (task: Task, manager: EntityManager) => TaskStep | Promise<TaskStep>,
  ): Promise<Task> {
    const task = await this.takeNext(async () => taskId, prepare);
    if (!task) throw taskNotFound(taskId);
    return task;
  }

  /**
   * Like {@link take}, for whichever task `choose` has locked.
   *
   * @param choose runs in the same transaction, and returns the id of a task, or null for none
   * @returns null when there was none
   */
  async takeNext(
    choose: (manager: EntityManager) => Promise<string | null>,
    prepare: (task: Task, manager: EntityManager) => TaskStep | Promise<TaskStep>,
  ): Promise<Task | null> {
    const task = await this.database.transaction(async (manager) => {
      const taskId = await choose(manager);
      const locked = taskId === null ? null : await lockTask(manager, taskId);
      if (!locked) return null;
      const step = await prepare(locked, manager);
      const transition = requireAccepted(nextTaskState(locked, step.input));
      return perform(manager, locked, transition, step);
    });
    if (task) this.relay.wake();
    return task;
  }
}

function requireAccepted(decision: TaskDecision): TaskTransition {
  switch (decision.outcome) {
    case 'accepted':
      return decision;
    case 'refused':
      throw refusalError(decision);
    case 'early':
      throw new RetryLater(EARLY_RETRY_MILLISECONDS, decision.reason);
  }
}

async function perform(
  manager: EntityManager,
  task: Task,
  transition: TaskTransition,
  step: TaskStep,
): Promise<Task> {
  const { state, changes, actions } = transition;
  if (state === task.state && Object.keys(changes).length === 0) {
    await send(manager, task, actions, step);
    return task;
  }
  await updateTask(manager, task.id, { state, ...rowChanges(changes), ...step.columns });
  const spawn = actions.find((action) => action.type === 'spawn');
  await recordAttempt(manager, task.id, spawn?.cause ?? 'request');
  const changed = (await findTask(manager, task.id))!;
  await send(manager, changed, actions, step);
  return changed;
}

function rowChanges({
  spawnedAt,
  startedAt,
  endedAt,
  resumeAt,
  capturesFailing,
  ...columns
}: TaskChanges): RowChanges {
  return {
    ...columns,
    ...(spawnedAt !== undefined && { spawnedAt: NOW }),
    ...(startedAt !== undefined && { startedAt: startedAt && NOW }),
    ...(endedAt !== undefined && { endedAt: endedAt && NOW }),
    ...(capturesFailing !== undefined && {
      capturesFailingSince: capturesFailing === null ? null : FAILING_SINCE,
      capturesFailingReason: capturesFailing,
    }),
    ...(resumeAt !== undefined && { resumeAt: resumeAt && inSeconds(resumeAt.inSeconds) }),
  };
}

async function send(
  manager: EntityManager,
  task: Task,
  actions: readonly TaskAction[],
  step: TaskStep,
): Promise<void> {
  const messages = actions.map((action) => messageOf(action, task, step));
  await insertOutbox(
    manager,
    messages.map((message) => outboxMessage(task.id, message)),
  );
}

function messageOf(action: TaskAction, task: Task, { resume, report }: TaskStep): AddressedMessage {
  switch (action.type) {
    case 'announce':
      return taskEvent(uuidv7(), task, action.kind, resume?.checkpoint?.number);
    case 'announce-capture-health':
      return captureHealthChanged(uuidv7(), { ...task, daemonId: report!.daemonId }, action.kind, {
        failingSince: action.failingSince ?? task.capturesFailingSince!,
        reason: task.capturesFailingReason,
        at: task.updatedAt,
      });
    case 'announce-restored':
      return worktreeRestored(report!);
    case 'announce-restore-failed':
      return worktreeRestoreFailed(report!);
    case 'spawn':
      return spawnCommand(uuidv7(), task, resume === undefined ? { checkpoint: null } : resume);
    case 'stop-process':
      return stopTask(uuidv7(), {
        taskId: task.id,
        daemonId: action.daemonId,
        attempt: action.attempt,
        reason: action.reason,
      });
  }
}
