import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { ContractError, COPIED_ATTEMPT, harmlessLine, type ForkTaskBody } from '#contracts';
import {
  copyConversation,
  copyPatch,
  countForks,
  findCheckpoint,
  findTask,
  insertCheckpoints,
  insertTask,
  latestRestorablePatch,
  lockReadablePatches,
  lockTask,
  type Task,
  type TaskCheckpoint,
} from '#database';
import type { EntityManager } from 'typeorm';
import { OutboxTransaction } from '#outbox';
import {
  chooseCheckpoint,
  outboxMessage,
  refuseWatchedFork,
  spawnCommand,
  taskEvent,
  taskNotFound,
} from '#tasks';
import type { Caller } from '../http/caller.js';
import { tasksSpawned } from '../metrics.js';
import { requirePlace } from './require-place.js';
import { requireVisible } from './require-visible.js';

const MAX_NAME_LENGTH = 200;

/**
 * Makes a new task from a checkpoint of another one. It gets a copy, files and conversation, as its
 * checkpoint 1, and depends on nothing of the other task from then on (ADR 20).
 */
@Injectable()
export class ForkTask {
  constructor(private readonly outbox: OutboxTransaction) {}

  /**
   * May run twice with the same `id`: the second call changes and sends nothing.
   *
   * @throws ContractError `TASK_NOT_FOUND`, `CHECKPOINT_NOT_FOUND`; `PATCH_EXPIRED` or `PATCH_NOT_FOUND` for
   *   a checkpoint that cannot be restored any more, or never could; `TASK_STATE_CONFLICT` for a watched
   *   worktree; `EVENT_CONFLICT` when there is another task with that id
   */
  async fork(taskId: string, body: ForkTaskBody, caller: Caller): Promise<{ task: Task; isNew: boolean }> {
    const forked = await this.outbox.run(async (manager, announce) => {
      await requirePlace(manager, caller, body);
      const origin = await lockTask(manager, taskId);
      if (!origin) throw taskNotFound(taskId);
      const id = body.id?.toLowerCase() ?? uuidv7();
      const existing = await findTask(manager, id);
      if (existing) {
        await requireVisible(manager, caller, id);
        return { task: requireFork(existing, origin, body), isNew: false };
      }
      refuseWatchedFork(origin);
      const checkpoint = await findForkable(manager, origin, body.checkpointNumber);
      const fork = await newFork(manager, origin, checkpoint, { ...body, id });
      await insertTask(manager, { ...fork, owner: caller.owner ?? origin.owner });
      await copyCheckpoint(manager, checkpoint, id);
      const task = (await findTask(manager, id))!;
      const chosen = await chooseCheckpoint(manager, id);
      await announce(
        [
          spawnCommand(uuidv7(), task, chosen),
          taskEvent(uuidv7(), task, 'task-spawning', chosen.checkpoint?.number),
        ].map((message) => outboxMessage(id, message)),
      );
      return { task, isNew: true };
    });
    if (forked.isNew) tasksSpawned.inc();
    return forked;
  }
}

async function newFork(
  manager: EntityManager,
  origin: Task,
  checkpoint: TaskCheckpoint,
  body: ForkTaskBody & { id: string },
): Promise<Parameters<typeof insertTask>[1]> {
  const { runner, unattended, repoUrl, baseBranch, setup, isSupervisor, autoResume, conversationHistory } =
    origin;
  return {
    id: body.id,
    name: body.name ?? forkName(origin.name, (await countForks(manager, origin.id)) + 1),
    plan: body.plan ?? origin.plan,
    runner,
    unattended,
    repoUrl,
    baseBranch,
    setup,
    targetBranch: body.targetBranch ?? null,
    isSupervisor,
    autoResume,
    conversationHistory,
    pool: body.pool ?? origin.pool,
    requestedDaemonId: body.daemonId ?? null,
    lastCheckpointNumber: 1,
    forkedFromTaskId: origin.id,
    forkedFromCheckpointNumber: checkpoint.number,
  };
}

function forkName(name: string, count: number): string {
  const ending = `-fork-${count}`;
  // A name from before the rule for new ones may hold what a terminal acts upon.
  return harmlessLine(name).slice(0, MAX_NAME_LENGTH - ending.length) + ending;
}

async function findForkable(
  manager: EntityManager,
  { id }: Task,
  asked: number | undefined,
): Promise<TaskCheckpoint> {
  const latest = await latestRestorablePatch(manager, id);
  const number = asked ?? latest.checkpoint?.number ?? latest.newerWithoutPatch?.number;
  if (number === undefined) {
    throw new ContractError('CHECKPOINT_NOT_FOUND', `Task ${id} has no checkpoint yet.`, 'id');
  }
  const checkpoint = await findCheckpoint(manager, id, number);
  if (checkpoint) return checkpoint;
  throw new ContractError(
    'CHECKPOINT_NOT_FOUND',
    `Task ${id} has no checkpoint ${number}.`,
    'checkpointNumber',
  );
}

/** Files and conversation, for a task that has just been inserted. */
async function copyCheckpoint(
  manager: EntityManager,
  checkpoint: TaskCheckpoint,
  taskId: string,
): Promise<void> {
  const readable = await lockReadablePatches(manager, checkpoint.id);
  if (readable.length === 0) throw notRestorable(checkpoint);
  const copyIds = new Map(readable.map(({ id }) => [id, uuidv7()]));
  const copyOf = (patchId: string | null) => (patchId && copyIds.get(patchId)) ?? null;
  const checkpointId = uuidv7();
  await insertCheckpoints(manager, [
    {
      ...checkpoint,
      id: checkpointId,
      taskId,
      eventId: uuidv7(),
      attempt: COPIED_ATTEMPT,
      sequence: 1,
      number: 1,
      patchId: copyOf(checkpoint.patchId),
      bundleId: copyOf(checkpoint.bundleId),
      superseded: false,
    },
  ]);
  for (const [patchId, id] of copyIds) {
    if (!(await copyPatch(manager, patchId, { id, taskId, checkpointId }))) throw notRestorable(checkpoint);
  }
  if (checkpoint.conversation) {
    const to = { taskId, attempt: COPIED_ATTEMPT };
    await copyConversation(manager, checkpoint, checkpoint.conversation.files, to);
  }
}

function notRestorable({ number, patchAbsentReason }: TaskCheckpoint): ContractError {
  const ending = 'See `patchpoint log` for one that can be restored.';
  if (patchAbsentReason === null) {
    return new ContractError(
      'PATCH_EXPIRED',
      `Checkpoint ${number} cannot be forked: its patch has expired or was deleted. ${ending}`,
      'checkpointNumber',
    );
  }
  return new ContractError(
    'PATCH_NOT_FOUND',
    `Checkpoint ${number} cannot be forked: it never had a patch (${patchAbsentReason}). ${ending}`,
    'checkpointNumber',
  );
}

function requireFork(task: Task, origin: Task, { checkpointNumber, name, plan }: ForkTaskBody): Task {
  const isSame =
    task.forkedFromTaskId === origin.id &&
    (checkpointNumber ?? task.forkedFromCheckpointNumber) === task.forkedFromCheckpointNumber &&
    (name ?? task.name) === task.name &&
    (plan ?? task.plan) === task.plan;
  if (isSame) return task;
  throw new ContractError('EVENT_CONFLICT', `Task ${task.id} already exists, and is another one.`, 'id');
}
