export interface Contender {
  /** Brings about the state to measure; not timed. */
  prepare?: (round: number) => Promise<unknown>;
  /** Runs directly before what is timed; not timed itself. */
  settle?: () => Promise<unknown>;
  /** What is timed. */
  run: (round: number) => Promise<unknown>;
  /** Not timed. */
  cleanUp?: (round: number) => Promise<unknown>;
}

/**
 * Times the contenders in turn, A B C A B C …, so that a machine that gets slower or busier does so for all
 * of them. All are prepared before the first one of a round is timed. Round 0 warms up and is not kept.
 *
 * @returns milliseconds by contender, one per round
 */
export async function timeInTurn<Name extends string>(
  rounds: number,
  contenders: Record<Name, Contender>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) await contenders[name].prepare?.(round);
    for (const name of names) {
      await contenders[name].settle?.();
      const started = performance.now();
      await contenders[name].run(round);
      const elapsedMs = performance.now() - started;
      if (round > 0) times[name].push(elapsedMs);
    }
    for (const name of names) await contenders[name].cleanUp?.(round);
  }
  return times;
}
