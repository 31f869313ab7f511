import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { ContractError, type CreateTaskBody } from '#contracts';
import { findTask, insertTask, type NewTask, type Task } from '#database';
import { OutboxTransaction } from '#outbox';
import { outboxMessage, spawnCommand, watchedTaskColumns, taskEvent } from '#tasks';
import { tasksSpawned } from '../metrics.js';
import type { Caller } from '../http/caller.js';
import { requirePlace } from './require-place.js';
import { requireVisible } from './require-visible.js';
import { requireSource } from './source.js';

/** Creates a task and spawns it for the first time. */
@Injectable()
export class CreateTask {
  constructor(private readonly outbox: OutboxTransaction) {}

  /**
   * May run twice with the same `id`: the second call changes and sends nothing.
   *
   * @throws ContractError `EVENT_CONFLICT` when there is another task with that id; `BAD_URL`, `BAD_REF` and
   *   the like for a source that no daemon could use; `FIELD_INVALID` when the task is too large to be sent
   */
  async create(body: CreateTaskBody, caller: Caller): Promise<{ task: Task; isNew: boolean }> {
    requireSource(body);
    const newcomer = { ...newTask(body), owner: ownerOf(body, caller) };
    const created = await this.outbox.run(async (manager, announce) => {
      await requirePlace(manager, caller, body);
      const isNew = await insertTask(manager, newcomer);
      const task = (await findTask(manager, newcomer.id))!;
      if (!isNew) {
        await requireVisible(manager, caller, task.id);
        return { task: requireSame(task, body, newcomer.owner), isNew };
      }
      await announce(
        [spawnCommand(uuidv7(), task, null), taskEvent(uuidv7(), task, 'task-spawning')].map((message) =>
          outboxMessage(task.id, message),
        ),
      );
      return { task, isNew };
    });
    if (created.isNew) tasksSpawned.inc();
    return created;
  }
}

/** @throws ContractError `SCOPE_MISSING` for who names another than the token is for */
function ownerOf({ owner }: CreateTaskBody, caller: Caller): string | null {
  if (owner === undefined || owner === caller.owner) return caller.owner;
  if (caller.scopes.includes('admin')) return owner;
  throw new ContractError('SCOPE_MISSING', 'Naming an owner needs a token with the scope "admin".', 'owner');
}

function newTask(body: CreateTaskBody): NewTask {
  const {
    id,
    owner: _owner,
    daemonId,
    baseBranch,
    targetBranch,
    unattended,
    setup,
    conversationHistory,
    ...columns
  } = body;
  return {
    ...columns,
    id: id?.toLowerCase() ?? uuidv7(),
    baseBranch: baseBranch ?? null,
    targetBranch: targetBranch ?? null,
    unattended: unattended ?? null,
    setup: setup ?? null,
    conversationHistory: conversationHistory?.text ?? null,
    requestedDaemonId: daemonId ?? null,
    ...watchedTaskColumns(body),
  };
}

/** The daemon is left out: the task may have been resumed elsewhere since. */
function requireSame(task: Task, body: CreateTaskBody, owner: string | null): Task {
  const asked = {
    name: body.name,
    owner,
    plan: body.plan,
    runner: body.runner,
    unattended: body.unattended ?? null,
    repoUrl: body.repoUrl,
    baseBranch: body.baseBranch ?? null,
    targetBranch: body.targetBranch ?? null,
    setup: body.setup ?? null,
    isSupervisor: body.isSupervisor,
  };
  for (const [field, value] of Object.entries(asked)) {
    if (task[field as keyof typeof asked] === value) continue;
    throw new ContractError(
      'EVENT_CONFLICT',
      `Task ${task.id} already exists with a different ${field}. Choose a new id.`,
      field,
    );
  }
  return task;
}
