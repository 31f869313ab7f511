import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import {
  awaitsResume,
  CleanupWorktree,
  compose,
  ContractError,
  CreateCheckpoint,
  isEnded,
  subjects,
  UndoWorktree,
  WATCH_RUNNER,
} from '#contracts';
import { lockTask, type Task } from '#database';
import { OutboxTransaction } from '#outbox';
import { DaemonRegistry, outboxMessage, taskNotFound, type AddressedMessage } from '#tasks';

type HeldTask = Task & { daemonId: string };

/**
 * Asks the daemon that has a task's worktree to do something with it. The answer comes later, as an event.
 */
@Injectable()
export class CommandDaemon {
  constructor(
    private readonly outbox: OutboxTransaction,
    private readonly daemons: DaemonRegistry,
  ) {}

  /**
   * Asks for a manual checkpoint. Asking twice makes a second checkpoint only if the worktree changed.
   *
   * @throws ContractError `TASK_NOT_FOUND`; `TASK_STATE_CONFLICT` when no living daemon has the worktree
   */
  async createCheckpoint(taskId: string, message: string): Promise<void> {
    await this.send(taskId, (task, isAlive) => {
      requireAlive(task, isAlive);
      return {
        subject: subjects.daemonCommand(task.daemonId, 'create-checkpoint'),
        message: compose(CreateCheckpoint, { ...addressee(task), message }),
      };
    });
  }

  /**
   * Asks for the worktree of an ended task to be put back to an older checkpoint. Asking twice goes back
   * twice.
   *
   * @throws ContractError `TASK_NOT_FOUND`; `TASK_STATE_CONFLICT` unless the task has ended for good, its
   *   worktree is the daemon's own, and that daemon is alive
   */
  async undoWorktree(taskId: string, checkpointNumber: number | undefined): Promise<void> {
    await this.send(taskId, (task, isAlive) => {
      requireAlive(task, isAlive);
      if (!isEnded(task.state) || awaitsResume(task.state)) {
        throw new ContractError('TASK_STATE_CONFLICT', `The task is ${task.state}. Stop it first.`);
      }
      if (task.runner === WATCH_RUNNER) {
        const message = `"${task.name}" is a watched worktree, and is not changed. Use \`patchpoint restore\`.`;
        throw new ContractError('TASK_STATE_CONFLICT', message);
      }
      return {
        subject: subjects.daemonCommand(task.daemonId, 'undo-worktree'),
        message: compose(UndoWorktree, { ...addressee(task), checkpointNumber }),
      };
    });
  }

  /**
   * Asks for the worktree of an ended task to be removed. A daemon that is unreachable does it when it is
   * back.
   *
   * @throws ContractError `TASK_NOT_FOUND`; `TASK_STATE_CONFLICT` while the task runs, or when no daemon has
   *   its worktree
   */
  async cleanupWorktree(taskId: string, force: boolean): Promise<void> {
    await this.send(taskId, (task) => {
      if (!isEnded(task.state)) {
        throw new ContractError('TASK_STATE_CONFLICT', `The task is ${task.state}. Stop it first.`);
      }
      return {
        subject: subjects.daemonCommand(task.daemonId, 'cleanup-worktree'),
        message: compose(CleanupWorktree, { ...addressee(task), force }),
      };
    });
  }

  private async send(
    taskId: string,
    command: (task: HeldTask, isAlive: boolean) => AddressedMessage,
  ): Promise<void> {
    await this.outbox.run(async (manager, announce) => {
      const task = await lockTask(manager, taskId);
      if (!task) throw taskNotFound(taskId);
      const message = command(requireHeld(task), await this.daemons.isHolderAlive(manager, task));
      await announce([outboxMessage(taskId, message)]);
    });
  }
}

function requireHeld(task: Task): HeldTask {
  if (task.daemonId !== null) return task as HeldTask;
  throw new ContractError(
    'TASK_STATE_CONFLICT',
    `The task is ${task.state} and no daemon has claimed attempt ${task.attempt}, so there is no worktree.`,
  );
}

function requireAlive({ daemonId }: HeldTask, isAlive: boolean): void {
  if (isAlive) return;
  throw new ContractError(
    'TASK_STATE_CONFLICT',
    `Daemon "${daemonId}", which has the worktree, is not responding. Resume the task elsewhere.`,
  );
}

function addressee(task: HeldTask) {
  return { eventId: uuidv7(), daemonId: task.daemonId, taskId: task.id, attempt: task.attempt };
}
