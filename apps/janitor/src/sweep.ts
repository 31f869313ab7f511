export interface SweepResult {
  /** Items that this run handled. */
  swept: number;
}

/** A housekeeping job that is repeated. Any number of replicas run the same sweeps at the same time. */
export interface Sweep {
  /** In kebab case; names the sweep in logs and metrics. */
  readonly name: string;

  /** From the end of one run to the start of the next. */
  readonly everySeconds: number;

  /**
   * Does everything that is due, in steps that are each complete.
   *
   * @param signal ends the run early, between two steps: the process is stopping
   */
  run(signal: AbortSignal): Promise<SweepResult>;
}
