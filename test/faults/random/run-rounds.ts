import { setTimeout as sleep } from 'node:timers/promises';
import { attemptsRunningTwice, check } from './check.js';
import type { Fleet } from './fleet.js';
import type { Options } from './options.js';
import { Random } from './random.js';
import { settle } from './settle.js';
import { STRIKES } from './strikes.js';

/** Rounds between two looks at everything. */
const ROUNDS_PER_CHECK = 25;

export interface Result {
  readonly rounds: number;
  /** How often each `component strike` was carried out. */
  readonly strikes: ReadonlyMap<string, number>;
  readonly storedCount: number;
  readonly lostCount: number;
  /** In spools that were wiped: nothing can bring them back, and nobody was told that they are stored. */
  readonly lostWithDiskCount: number;
  readonly violations: readonly string[];
}

/** Ends after the rounds, the minutes, the first check that finds something, or when it is told to stop. */
export async function runRounds(
  fleet: Fleet,
  options: Options,
  stopping: AbortSignal,
  say: (line: string) => void,
): Promise<Result> {
  const random = new Random(options.seed);
  const strikes = new Map<string, number>();
  const deadline = Date.now() + options.minutes * 60_000;
  fleet.pauseLoad();
  const failed = await settle(fleet); // every task has begun
  fleet.resumeLoad();
  let found = { violations: failed, storedCount: 0, lostCount: 0 };
  const isOver = (): boolean => round === options.rounds || Date.now() >= deadline || stopping.aborted;
  let round = 0;
  while (!isOver() && found.violations.length === 0) {
    round += 1;
    const component = random.pick(options.components);
    const strike = random.pick(STRIKES[component]);
    await sleep(random.between(200, 1200));
    await strike.execute(fleet, random);
    const name = `${component} ${strike.name}`;
    strikes.set(name, (strikes.get(name) ?? 0) + 1);
    const twice = attemptsRunningTwice(fleet);
    if (isOver() || twice.length > 0 || round % ROUNDS_PER_CHECK === 0) {
      found = await settleAndCheck(fleet, twice);
      say(`round ${round}: ${found.storedCount} checkpoints stored, ${found.violations.length} violations`);
    }
  }
  return { rounds: round, strikes, ...found, lostWithDiskCount: fleet.captures.lostWithDiskCount };
}

/**
 * Our record is read before the fleet settles: what was in a spool then must be in Postgres when the spools
 * are empty. A capture that is made later is the next check's.
 */
async function settleAndCheck(fleet: Fleet, seen: readonly string[]): ReturnType<typeof check> {
  fleet.pauseLoad();
  const record = fleet.record();
  const unsettled = await settle(fleet);
  const found = await check(fleet, record);
  fleet.resumeLoad();
  return { ...found, violations: [...seen, ...unsettled, ...found.violations] };
}
