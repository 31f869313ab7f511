/** A task that moves to another pool is looked at again after this time. */
const ASK_AGAIN_MILLISECONDS = 1_000;
/** Forgotten all at once beyond it: a reader of many tasks costs a look at each again. */
const MAX_KNOWN = 10_000;

/** The tasks that the reader of a stream sees. Asked for each event. */
export class VisibleTasks {
  private readonly known = new Map<string, { isVisible: boolean; asOf: number }>();

  /** @param load whether the reader sees a task */
  constructor(private readonly load: (taskId: string) => Promise<boolean>) {}

  async has(taskId: string): Promise<boolean> {
    const known = this.known.get(taskId);
    const now = performance.now();
    if (known !== undefined && now - known.asOf < ASK_AGAIN_MILLISECONDS) return known.isVisible;
    const isVisible = await this.load(taskId);
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(taskId, { isVisible, asOf: now });
    return isVisible;
  }
}
