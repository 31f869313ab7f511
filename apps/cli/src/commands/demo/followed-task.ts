import type { EventFeed, PatchStoreClient } from '#client';
import type { TaskOutput, TaskView, WorktreeRestored } from '#contracts';
import { until } from './until.js';

/** A task's output from the start, and the events of its restored worktrees. */
export class FollowedTask {
  private said = '';
  private restored: WorktreeRestored | undefined;
  private broken: Error | undefined;
  private readonly closing = new AbortController();

  /** @param onLine receives each line of the task's output */
  constructor(private readonly onLine: (line: string) => void) {}

  /** @throws PatchStoreError, PatchStoreUnreachable when it cannot be followed */
  async follow(client: PatchStoreClient, { id, createdAt: since }: TaskView): Promise<void> {
    const { signal } = this.closing;
    this.read<TaskOutput>(await client.output(id, { since }, signal), ({ text }) => {
      this.said += text;
      for (const line of text.split('\n').filter(isForPeople)) this.onLine(line);
    });
    const restorations = await client.events({ task: id, kind: 'worktree-restored', since }, signal);
    this.read<WorktreeRestored>(restorations, (event) => (this.restored ??= event));
  }

  /** @throws Error if it is not in the task's output in time */
  async untilSaid(text: string, timeoutSeconds: number): Promise<Date> {
    await this.until(timeoutSeconds, `the task says "${text}"`, () => this.said.includes(text));
    return new Date();
  }

  /** @throws Error if no worktree of the task is restored in time */
  untilRestored(timeoutSeconds: number): Promise<WorktreeRestored> {
    return this.until(timeoutSeconds, 'the worktree is restored', () => this.restored);
  }

  /** May be called twice. */
  close(): void {
    this.closing.abort();
  }

  private until<T>(timeoutSeconds: number, what: string, ask: () => T | undefined | false): Promise<T> {
    return until(timeoutSeconds, what, () => {
      if (this.broken) throw this.broken;
      return ask();
    });
  }

  /** In the background; if a feed ends for good, waiting for it fails. */
  private read<Event>(feed: EventFeed, onEvent: (event: Event) => void): void {
    const reading = async (): Promise<void> => {
      for await (const { data } of feed) onEvent(JSON.parse(data) as Event);
    };
    reading().catch((error: Error) => (this.broken = error));
  }
}

/** Agents print JSON. */
function isForPeople(line: string): boolean {
  return line !== '' && !line.startsWith('{');
}
