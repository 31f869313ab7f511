import { afterAll, beforeAll } from '@jest/globals';
import { startStack, type Stack, type StackOptions } from '#embedded';
import { PatchStoreClient, type CheckpointView, type TaskView } from '../apps/cli/src/patch-store.client.js';
import { TaskFeed, until } from '../apps/cli/src/demo/task-feed.js';

/** A running Patchpoint for one spec file: every app as a process of its own, as built by `npm run build`. */
export class TestStack {
  private running: Stack | undefined;
  private readonly feeds: TaskFeed[] = [];

  get stack(): Stack {
    if (!this.running) throw new Error('The stack starts in beforeAll.');
    return this.running;
  }

  get patchStore(): PatchStoreClient {
    return new PatchStoreClient(this.stack.patchStore.url);
  }

  async start(options: StackOptions): Promise<void> {
    this.running = await startStack(options);
  }

  async stop(): Promise<void> {
    await Promise.all(this.feeds.map((feed) => feed.close()));
    await this.running?.stop();
  }

  /** Creates a task and follows what it says from its first word on. */
  async run(task: { id: string } & Record<string, unknown>): Promise<{ taskId: string; feed: TaskFeed }> {
    const feed = await TaskFeed.open(this.stack.nats.url, task.id, () => undefined);
    this.feeds.push(feed);
    await this.patchStore.createTask({ name: 'example', runner: 'shell', ...task });
    return { taskId: task.id, feed };
  }

  untilState(taskId: string, state: TaskView['state'], attempt = 1): Promise<TaskView> {
    return until(30, `task ${taskId} is ${state} in attempt ${attempt}`, async () => {
      const task = await this.patchStore.task(taskId);
      return task.state === state && task.attempt === attempt ? task : undefined;
    });
  }

  /** The newest stored checkpoint that the condition holds for. */
  untilCheckpoint(
    taskId: string,
    condition: (checkpoint: CheckpointView) => boolean,
  ): Promise<CheckpointView> {
    return until(30, `task ${taskId} has such a checkpoint`, async () =>
      (await this.patchStore.checkpoints(taskId)).find(condition),
    );
  }
}

/** Call it at the top level of a spec file. */
export function useStack(options: StackOptions): TestStack {
  const test = new TestStack();
  beforeAll(() => test.start(options), 60_000);
  afterAll(() => test.stop(), 60_000);
  return test;
}
