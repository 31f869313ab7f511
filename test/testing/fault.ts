import { it } from '@jest/globals';

/** The faults that Patchpoint survives, by their number; docs/reliability.md says what each of them is. */
export type FaultNumber = `F${number}`;

export const FAULT_NUMBERS: readonly FaultNumber[] = [
  ...Array.from({ length: 30 }, (_, index): FaultNumber => `F${index + 1}`),
  'F31',
  'F32',
  'F33',
  'F34',
  'F35',
  'F36',
  'F37',
  'F38',
];

/**
 * Cases that only `npm run test:faults` runs, and why; the others are part of `npm run test:all` too. Each of
 * them has its rule tested in `npm test` in a smaller way, in the spec of the part that keeps it.
 * What a case needs of the machine it needs in a fault run: F4 and F36 fail where no disk may be mounted.
 */
export const ONLY_IN_FAULT_RUNS: Readonly<Partial<Record<FaultNumber, string>>> = {
  F14: 'what a killed replica held is delivered again after 30 s',
  F15: 'eight processes on two cores take long to start; replicas in one process are tested with ingest',
  F16: 'as F15',
  F17: 'Postgres recovers three times; tested with ingest in one process',
  F18: 'tested with ingest in one process',
  F6: 'kills under the load of real captures, and a cluster that elects a leader',
  F7: 'waits longer than every timeout, 40 s',
  F4: 'a second daemon on a disk of its own; the spool alone is tested on a full disk with the daemon',
  F36: 'a disk of its own; that no name stands for half a file is tested with place-file',
  F28: 'two more starts of a daemon; that the database counts the TTL is tested with its statements',
  F29: 'a daemon counts as dead after 25 s of silence; the sweeps are tested with the janitor',
  F30: 'shares its stack with F29',
  F37: 'a flood needs a machine of its own; that others are served is tested with ingest and messaging',
};

/**
 * One case of the fault suite, named by its number.
 *
 * @param what the fault and its expected outcome, as one sentence
 */
export function fault(
  number: FaultNumber,
  what: string,
  test: () => Promise<void>,
  timeoutMilliseconds = 180_000,
): void {
  const isFaultRun = process.env['PATCHPOINT_ALL_FAULTS'] !== undefined;
  const run = isFaultRun || ONLY_IN_FAULT_RUNS[number] === undefined ? it : it.skip;
  run(`${number} ${what}`, test, timeoutMilliseconds);
}
