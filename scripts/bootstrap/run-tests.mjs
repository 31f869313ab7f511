import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * Runs Jest with the given arguments, path patterns for example. Prints `N passed, N failed` from Jest's own
 * result as the last line, and resolves to an exit code that is 0 only when tests ran and none failed.
 * `launcher` is a command that runs the one that follows it.
 */
export async function runTests(args, launcher = []) {
  const folder = mkdtempSync(join(fastestTemporaryFolder(), 'patchpoint-jest-'));
  chmodSync(folder, 0o755); // a Postgres that runs as another user must get through
  process.env.TMPDIR = folder; // for Jest, the tests and every server that they start
  const resultFile = join(folder, 'result.json');
  try {
    const [program, ...rest] = [
      ...launcher,
      process.execPath,
      '--experimental-vm-modules',
      '--no-warnings=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--json',
      `--outputFile=${resultFile}`,
      ...args,
    ];
    const code = await run(program, rest);
    const { passed, failed } = countTests(readResult(resultFile));
    console.log(`${passed} passed, ${failed} failed`);
    if (code !== 0) return code;
    return passed > 0 && failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As {@link runTests}, with what `npm test` leaves out (`jest.config.js`) and 200 random round trips. */
export function runAllTests(args) {
  process.env.PATCHPOINT_TESTS = 'all';
  process.env.PATCHPOINT_PROPERTY_RUNS ??= '200';
  return runTests(args);
}

/**
 * A spec file that failed without a failing test (it could not run, or its clean-up failed) counts as one
 * failure.
 */
function countTests(result) {
  const failures = result.testResults.map((file) => {
    const failedTests = file.assertionResults.filter(({ status }) => status === 'failed').length;
    return file.status === 'failed' ? Math.max(failedTests, 1) : failedTests;
  });
  return { passed: result.numPassedTests, failed: failures.reduce((sum, count) => sum + count, 0) };
}

/** Jest writes no result when it was interrupted or found no test. */
function readResult(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, testResults: [] };
  }
}

/**
 * Memory where it is offered and roomy: the tests write some hundred thousand small files. Containers
 * often give `/dev/shm` 64 MiB, where the disk is the better place.
 */
function fastestTemporaryFolder() {
  const memory = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize > 4 * 1024 ** 3 ? memory : tmpdir();
  } catch {
    return tmpdir(); // not Linux
  }
}
