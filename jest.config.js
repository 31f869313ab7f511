import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * What `npm test` leaves out, because it takes long: the fault suite, whole commands that start servers of
 * their own, and large tables of attacks and rare situations. `npm run test:all` runs it too, and so does
 * whoever names a path.
 */
const LONG = ['<rootDir>/test/faults/', '<rootDir>/test/long/', '\\.(?:faults|long)\\.spec\\.ts$'];
/** Real agents, which run only where `npm run test:agents` puts them: where they reach no network. */
const AGENTS = '<rootDir>/test/agents/';
const runsAgents = process.env['PATCHPOINT_TESTS'] === 'agents';
const namesPaths = process.argv.slice(2).some((argument) => !argument.startsWith('-'));
const runsEverything = process.env['PATCHPOINT_TESTS'] === 'all' || namesPaths;

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

/** @type {import('jest').Config} */
export default {
  rootDir: '.',
  testMatch: ['<rootDir>/{apps,bench,generators,libs,migrations,scripts,test}/**/*.spec.ts'],
  // Kept from run to run; the default lies in the temporary folder, which `npm test` makes anew.
  cacheDirectory: '.patchpoint/jest',
  testEnvironment: 'node',
  // The same export condition as tsconfig.json: tests run the sources, never stale output.
  testEnvironmentOptions: {
    customExportConditions: ['patchpoint-source', 'node', 'node-addons'],
    // signal-exit (of execa) keeps its emitter on the process; jest's clean-up of it ends in an endless
    // recursion at exit.
    globalsCleanup: 'off',
  },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  testPathIgnorePatterns: [
    '/node_modules/',
    '/dist/',
    '/.patchpoint/',
    ...(runsEverything ? [] : LONG),
    ...(runsAgents ? [] : [AGENTS]),
  ],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.patchpoint/'],
  globalSetup: '<rootDir>/libs/testing/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/jest/global-teardown.mjs',
  // Tests wait for processes, and for time to pass, as much as they compute; Jest's default leaves one core
  // of two idle.
  maxWorkers: availableParallelism() + 1,
  // A worker that has grown is replaced: to start git costs 2.4 ms in a small process, 40 ms in one of 850 MB
  // (fork, Node 20). Six specs with 7,000 git processes took 18 s of system time in workers of up to 150 MB
  // of heap, 53 s in those of up to 300 MB.
  workerIdleMemoryLimit: '100MB',
  // Ten times what the slowest test takes: only what hangs is to fail by it.
  testTimeout: 180_000,
};
