import { Controller, Inject } from '@nestjs/common';
import { CleanupWorktree, CreateCheckpoint, decode, StopTask, UndoWorktree } from '#contracts';
import { Consume, CONSUMERS, DeadLetters, type ConsumedMessage, type Poison } from '#messaging';
import { DaemonAgent } from '../daemon-agent.js';

/**
 * Commands to this daemon about tasks that it has. Spawns are pulled elsewhere, only while a slot is free.
 */
@Controller()
export class CommandsConsumer {
  constructor(@Inject(DaemonAgent) private readonly agent: DaemonAgent) {}

  /** The answer is a checkpoint event, even if there is nothing to capture. */
  @Consume(CONSUMERS.daemonCreateCheckpoint)
  async createCheckpoint(message: ConsumedMessage): Promise<void> {
    await this.agent.createCheckpoint(decode(CreateCheckpoint, message.data));
  }

  /** Acknowledged when the task has ended, its last checkpoint is spooled and its end is reported. */
  @Consume(CONSUMERS.daemonStopTask)
  async stopTask(message: ConsumedMessage): Promise<void> {
    await this.agent.stopTask(decode(StopTask, message.data));
  }

  @Consume(CONSUMERS.daemonCleanupWorktree)
  async cleanupWorktree(message: ConsumedMessage): Promise<void> {
    await this.agent.cleanupWorktree(decode(CleanupWorktree, message.data));
  }

  @Consume(CONSUMERS.daemonUndoWorktree)
  async undoWorktree(message: ConsumedMessage): Promise<void> {
    await this.agent.undoWorktree(decode(UndoWorktree, message.data));
  }

  @DeadLetters(CONSUMERS.daemonCreateCheckpoint)
  giveUpCheckpoint(poison: Poison): Promise<void> {
    return this.agent.invalidOrders.giveUp('create-checkpoint', poison);
  }

  @DeadLetters(CONSUMERS.daemonStopTask)
  async giveUpStop(poison: Poison): Promise<void> {
    await this.agent.recovered;
    await this.agent.invalidOrders.giveUp('stop-task', poison);
  }

  @DeadLetters(CONSUMERS.daemonCleanupWorktree)
  giveUpCleanup(poison: Poison): Promise<void> {
    return this.agent.invalidOrders.giveUp('cleanup-worktree', poison);
  }

  @DeadLetters(CONSUMERS.daemonUndoWorktree)
  giveUpUndo(poison: Poison): Promise<void> {
    return this.agent.invalidOrders.giveUp('undo-worktree', poison);
  }
}
