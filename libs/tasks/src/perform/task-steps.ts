import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { TaskReported } from '#contracts';
import {
  FAILING_SINCE,
  findTask,
  inSeconds,
  lockTask,
  NOW,
  recordAttempt,
  updateTask,
  type OutboxMessage,
  type Task,
  type TaskChanges as RowChanges,
} from '#database';
import { RetryLater } from '#messaging';
import { OutboxTransaction } from '#outbox';
import type { SpawnCheckpoint } from '../messages/checkpoint-to-restore.js';
import { spawnCommand } from '../messages/spawn-command.js';
import {
  captureHealthChanged,
  conversationRefused,
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
  columns?: Pick<RowChanges, 'pool' | 'repoUrl' | 'requestedDaemonId' | 'stateReason'>;
  /** For a spawn: the checkpoint that it restores, or null for nothing. Null: there was no attempt yet. */
  resume?: { checkpoint: SpawnCheckpoint | null } | null;
  /** The report, if the input is one. */
  report?: TaskReported;
}

/**
 * The one way in which a task changes its state: lock the row, decide (task-transitions.ts), write the row
 * and the resulting messages, commit, publish. All or nothing; steps of one task happen one after another
 * across all replicas.
 */
@Injectable()
export class TaskSteps {
  constructor(private readonly outbox: OutboxTransaction) {}

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
    return this.outbox.run(async (manager, announce) => {
      const taskId = await choose(manager);
      const locked = taskId === null ? null : await lockTask(manager, taskId);
      if (!locked) return null;
      const step = await prepare(locked, manager);
      const transition = requireAccepted(nextTaskState(locked, step.input));
      const task = await changeRow(manager, locked, transition, step);
      await announce(messagesOf(task, transition.actions, step));
      return task;
    });
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

async function changeRow(
  manager: EntityManager,
  task: Task,
  transition: TaskTransition,
  step: TaskStep,
): Promise<Task> {
  const { state, changes, actions } = transition;
  if (state === task.state && Object.keys(changes).length === 0) return task;
  await updateTask(manager, task.id, { state, ...rowChanges(changes), ...step.columns });
  const spawn = actions.find((action) => action.type === 'spawn');
  await recordAttempt(manager, task.id, spawn?.cause ?? 'request');
  return (await findTask(manager, task.id))!;
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

/** What follows from the step, about the task as it is after it. */
function messagesOf(task: Task, actions: readonly TaskAction[], step: TaskStep): OutboxMessage[] {
  return actions.map((action) => outboxMessage(task.id, messageOf(action, task, step)));
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
    case 'announce-conversation-refused':
      return conversationRefused(report!);
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
