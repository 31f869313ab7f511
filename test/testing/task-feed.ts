import { setTimeout as sleep } from 'node:timers/promises';
import { decode, subjects, TaskOutput, WorktreeRestored } from '#contracts';
import { CoreListener, NatsClient } from '#messaging';

/** What a task says and what happens to it, as it comes over NATS. */
export class TaskFeed {
  private readonly restoredEvents: WorktreeRestored[] = [];
  private output = '';

  private constructor(private readonly nats: NatsClient) {}

  /** @param onLine is told each line of the task's output */
  static async open(natsUrl: string, taskId: string, onLine: (line: string) => void): Promise<TaskFeed> {
    const feed = new TaskFeed(new NatsClient({ url: natsUrl }, 'a test'));
    const outputs = new CoreListener(subjects.output('*', taskId), async ({ data }) => {
      const { text } = decode(TaskOutput, data);
      feed.output += text;
      for (const line of text.split('\n').filter(Boolean)) onLine(line);
    });
    const restored = new CoreListener(
      subjects.event('*', taskId, 'worktree-restored'),
      async ({ data }) => void feed.restoredEvents.push(decode(WorktreeRestored, data)),
    );
    await outputs.start(feed.nats);
    await restored.start(feed.nats);
    return feed;
  }

  /** @throws Error when the task does not say it in time */
  async untilSaid(text: string, timeoutSeconds: number): Promise<Date> {
    await until(timeoutSeconds, `the task says "${text}"`, () => this.output.includes(text));
    return new Date();
  }

  /** @throws Error when no worktree of the task is restored in time */
  async untilRestored(timeoutSeconds: number): Promise<WorktreeRestored> {
    await until(timeoutSeconds, 'the worktree is restored', () => this.restoredEvents.length > 0);
    return this.restoredEvents[0]!;
  }

  close(): Promise<void> {
    return this.nats.close();
  }
}

/**
 * Asks again until the answer is neither false nor undefined.
 *
 * @throws Error naming what was waited for when it does not come in time
 */
export async function until<T>(
  timeoutSeconds: number,
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutSeconds} s in vain until ${what}.`);
    await sleep(50);
  }
}
