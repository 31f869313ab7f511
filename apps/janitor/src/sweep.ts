export interface SweepResult {
  /** Things that this run dealt with. */
  swept: number;
}

/**
 * A piece of housekeeping that is done again and again. Any number of replicas run the same sweeps at the
 * same time.
 */
export interface Sweep {
  /** In kebab case: names the sweep in logs and metrics. */
  readonly name: string;

  /** From the end of one run to the start of the next. */
  readonly everySeconds: number;

  /**
   * Does all there is to do now, in steps that are each complete in themselves.
   *
   * @param signal ends the run early, between two steps: the process is stopping
   */
  run(signal: AbortSignal): Promise<SweepResult>;
}
