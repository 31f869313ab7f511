export interface GroupCommitOptions<Item, Result> {
  /** Most items of one commit. */
  readonly maxItems: number;
  /** Most bytes of one commit, by `sizeBytes`; a larger item is committed alone. */
  readonly maxBytes: number;
  readonly sizeBytes: (item: Item) => number;
  /** Commits items together, in order; resolves to one result for each. Rejects if nothing was committed. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Whether a failed commit may succeed in part, item by item. */
  readonly isWorthSplitting: (error: unknown) => boolean;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Turns concurrent calls into few commits: while one commit runs, new items are gathered for the next.
 *
 * So an idle system commits a lone item at once, and a busy one fills its batches automatically; there is no
 * delay to tune. One commit runs at a time, so that items are committed in order of arrival. When a batch
 * fails because of one of its items, each is committed alone, and only the faulty one fails.
 */
export class GroupCommit<Item, Result> {
  private readonly waiting: Waiting<Item, Result>[] = [];
  private isCommitting = false;

  constructor(private readonly options: GroupCommitOptions<Item, Result>) {}

  /** Resolves when the item is committed. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.isCommitting) void this.commitAll();
    });
  }

  private async commitAll(): Promise<void> {
    this.isCommitting = true;
    await undefined; // items added in the same turn also go into the first batch
    while (this.waiting.length > 0) await this.commitBatch(this.takeBatch());
    this.isCommitting = false;
  }

  private takeBatch(): Waiting<Item, Result>[] {
    const { maxItems, maxBytes, sizeBytes } = this.options;
    let bytes = 0;
    let count = 0;
    while (count < Math.min(maxItems, this.waiting.length)) {
      bytes += sizeBytes(this.waiting[count]!.item);
      if (count > 0 && bytes > maxBytes) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async commitBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.commit(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
    } catch (error) {
      if (batch.length > 1 && this.options.isWorthSplitting(error)) {
        for (const single of batch) await this.commitBatch([single]);
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
