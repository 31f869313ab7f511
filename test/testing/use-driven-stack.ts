import { expect } from '@jest/globals';
import { PatchStoreClient, type TaskToCreate } from '#client';
import type { CheckpointView, TaskView } from '#contracts';
import type { Stack, StackOptions } from '#embedded';
import { afterEverything, eventually, useStack } from '#testing';
import { TaskFeed } from './task-feed.js';

const PATIENCE = { timeoutMs: 60_000, intervalMs: 50 };

/** A task by its id from the start, named and run by a shell when it does not say otherwise. */
export type TaskOfTest = { id: string } & Omit<TaskToCreate, 'id' | 'name' | 'runner'> &
  Partial<Pick<TaskToCreate, 'name' | 'runner'>>;

/** What a person or service does with a running Patchpoint. */
export class Driver {
  private readonly feeds: TaskFeed[] = [];

  constructor(private readonly running: () => Stack) {}

  get stack(): Stack {
    return this.running();
  }

  get patchStore(): PatchStoreClient {
    return new PatchStoreClient(this.stack.patchStore.url);
  }

  async close(): Promise<void> {
    await Promise.all(this.feeds.map((feed) => feed.close()));
  }

  /** Creates a task and follows what it says from its first word on. */
  async run(task: TaskOfTest): Promise<{ taskId: string; feed: TaskFeed }> {
    const feed = await this.follow(task.id);
    await this.patchStore.createTask({ name: 'example', runner: 'shell', ...task });
    return { taskId: task.id, feed };
  }

  /** What a task says, until everything ends. */
  async follow(taskId: string): Promise<TaskFeed> {
    const feed = await TaskFeed.open(this.stack.nats.url, taskId);
    this.feeds.push(feed);
    return feed;
  }

  untilState(taskId: string, state: TaskView['state'], attempt = 1): Promise<TaskView> {
    return eventually(async () => {
      const task = await this.patchStore.task(taskId);
      expect(task).toMatchObject({ state, attempt });
      return task;
    }, PATIENCE);
  }

  /** The newest stored checkpoint that the condition holds for. */
  untilCheckpoint(
    taskId: string,
    condition: (checkpoint: CheckpointView) => boolean,
  ): Promise<CheckpointView> {
    return eventually(async () => {
      const checkpoint = (await this.patchStore.checkpoints(taskId)).find(condition);
      expect(checkpoint).toBeDefined();
      return checkpoint!;
    }, PATIENCE);
  }
}

/**
 * A running Patchpoint for one spec file, every app as a process of its own. Call it while the file is
 * evaluated.
 */
export function useDrivenStack(options: Omit<StackOptions, 'dataDir'>): Driver {
  const driver = new Driver(useStack(options));
  afterEverything(() => driver.close());
  return driver;
}
