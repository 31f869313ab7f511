/** Keys that are remembered; one that is forgotten has its burst again. */
const MOST_KEYS = 1000;

export interface RateLimitOptions {
  /** So many at once. */
  readonly burst: number;
  readonly perSecond: number;
  readonly now?: () => number;
}

interface Allowance {
  left: number;
  at: number;
}

/** Bounds how often something is done for each key: a burst, and then some per second. */
export class RateLimit {
  private readonly allowances = new Map<string, Allowance>();
  private readonly now: () => number;

  constructor(private readonly options: RateLimitOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Whether it may be done once more now; it then counts. */
  allows(key: string): boolean {
    const { burst, perSecond } = this.options;
    const at = this.now();
    const before = this.allowances.get(key) ?? { left: burst, at };
    const left = Math.min(burst, before.left + ((at - before.at) / 1000) * perSecond);
    const isAllowed = left >= 1;
    this.allowances.delete(key); // so that the map is in the order of use
    this.allowances.set(key, { left: isAllowed ? left - 1 : left, at });
    if (this.allowances.size > MOST_KEYS) this.allowances.delete(this.allowances.keys().next().value!);
    return isAllowed;
  }
}
