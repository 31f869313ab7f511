/** At once, and per second after that. */
const BURST = 100;
const PER_SECOND = 20;

/** Daemons that are remembered; one that is forgotten may announce a burst again. */
const MOST_DAEMONS = 1000;

interface Allowance {
  left: number;
  at: number;
}

/**
 * Bounds how many rejections of one daemon are announced: they share the outbox with what others wait for.
 * What is not announced is in `dead_letters` all the same, and rejected again when the daemon sends it again.
 */
export class AnnouncementLimit {
  private readonly allowances = new Map<string, Allowance>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Whether one more may be announced now; it then counts. */
  allows(daemonId: string): boolean {
    const at = this.now();
    const before = this.allowances.get(daemonId) ?? { left: BURST, at };
    const left = Math.min(BURST, before.left + ((at - before.at) / 1000) * PER_SECOND);
    const isAllowed = left >= 1;
    this.allowances.delete(daemonId); // so that the map is in the order of use
    this.allowances.set(daemonId, { left: isAllowed ? left - 1 : left, at });
    if (this.allowances.size > MOST_DAEMONS) this.allowances.delete(this.allowances.keys().next().value!);
    return isAllowed;
  }
}
