import { runTests } from './run-tests.mjs';
import { runNode } from './run.mjs';

/** Spec files with cases of the fault suite, which are named F1, F2, … wherever they are. */
const faultSpecs = [
  'test/',
  'libs/git/src/restore/restore-worktree.faults.spec',
  'libs/git/test/isolation.long.spec',
  'libs/git/test/independence.spec',
  'apps/daemon-agent/src/restore/prepare-worktree.spec',
  'libs/messaging/src/consume/consumption.faults.spec',
];

/**
 * With `--random` the random runner, with the rest of the arguments; else every case of the fault suite, one
 * file after the other.
 */
export function runFaults(args) {
  if (args.includes('--random')) {
    return runNode(['dist/test/faults/random/main.js', ...args.filter((arg) => arg !== '--random')]);
  }
  process.env.PATCHPOINT_ALL_FAULTS = '1';
  return runTests(['--runInBand', '--verbose', '--testNamePattern=\\bF\\d+ ', ...faultSpecs, ...args]);
}
