import { expect } from '@jest/globals';
import { decode, ConversationRefused, subjects, TaskOutput, WorktreeRestored } from '#contracts';
import { CoreListener, NatsClient } from '#messaging';
import { eventually } from '#testing';

const PATIENCE = { timeoutMs: 60_000, intervalMs: 50 };

/** What a task says and what happens to it, as it comes over NATS. */
export class TaskFeed {
  private readonly restoredEvents: WorktreeRestored[] = [];
  private readonly refusedEvents: ConversationRefused[] = [];
  private output = '';

  private constructor(private readonly nats: NatsClient) {}

  static async open(natsUrl: string, taskId: string): Promise<TaskFeed> {
    const feed = new TaskFeed(new NatsClient({ url: natsUrl }, 'a test'));
    const outputs = new CoreListener(subjects.output('*', taskId), async ({ data }) => {
      feed.output += decode(TaskOutput, data).text;
    });
    const restored = new CoreListener(
      subjects.event('*', taskId, 'worktree-restored'),
      async ({ data }) => void feed.restoredEvents.push(decode(WorktreeRestored, data)),
    );
    const refused = new CoreListener(
      subjects.event('*', taskId, 'conversation-refused'),
      async ({ data }) => void feed.refusedEvents.push(decode(ConversationRefused, data)),
    );
    await outputs.start(feed.nats);
    await refused.start(feed.nats);
    await restored.start(feed.nats);
    return feed;
  }

  /** Fails with what the task has said instead. */
  async untilSaid(text: string): Promise<void> {
    await eventually(() => expect(this.output).toContain(text), PATIENCE);
  }

  /** The first worktree of the task that is restored. */
  untilRestored(): Promise<WorktreeRestored> {
    return eventually(() => {
      expect(this.restoredEvents).not.toEqual([]);
      return this.restoredEvents[0]!;
    }, PATIENCE);
  }

  /** The first time that its program does not go on with its conversation. */
  untilRefused(): Promise<ConversationRefused> {
    return eventually(() => {
      expect(this.refusedEvents).not.toEqual([]);
      return this.refusedEvents[0]!;
    }, PATIENCE);
  }

  close(): Promise<void> {
    return this.nats.close();
  }
}
