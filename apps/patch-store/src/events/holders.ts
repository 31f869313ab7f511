/** After so long a daemon that held no attempt may hold one. */
const ASK_AGAIN_MILLISECONDS = 1_000;

/**
 * The daemons that hold or held an attempt of one task, and so may speak in its output. Asked for each line:
 * a daemon that floods another's output costs one look at the database per second.
 */
export class Holders {
  private readonly known = new Map<string, { isHolder: boolean; asOf: number }>();

  /** @param load their ids */
  constructor(private readonly load: () => Promise<ReadonlySet<string>>) {}

  async has(daemonId: string): Promise<boolean> {
    const known = this.known.get(daemonId);
    if (known?.isHolder) return true;
    const now = performance.now();
    if (known !== undefined && now - known.asOf < ASK_AGAIN_MILLISECONDS) return false;
    const isHolder = (await this.load()).has(daemonId);
    this.known.set(daemonId, { isHolder, asOf: now });
    return isHolder;
  }
}
