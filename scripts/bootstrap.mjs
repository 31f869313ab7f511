/**
 * What `npm start`, `npm run demo`, `npm test`, `npm run test:all`, `npm run test:faults`,
 * `npm run test:agents`, `npm run migrate`, `npm run docs`, `npm run bench:git`, `npm run bench:decode` and
 * `npm run bench:conversations` run: first whatever set-up is missing, then the command. It needs Node alone,
 * since it runs before anything is installed.
 *
 *   node scripts/bootstrap.mjs <command> [arguments]
 */
import { fileURLToPath } from 'node:url';
import { buildWhenStale } from './bootstrap/build-when-stale.mjs';
import { checkNodeVersion } from './bootstrap/check-node-version.mjs';
import { installDependencies } from './bootstrap/install-dependencies.mjs';
import { provideNatsServer } from './bootstrap/provide-nats-server.mjs';
import { runAgentTests } from './bootstrap/run-agent-tests.mjs';
import { runFaults } from './bootstrap/run-faults.mjs';
import { runAllTests, runTests } from './bootstrap/run-tests.mjs';
import { runNode } from './bootstrap/run.mjs';
import { SetUpError } from './bootstrap/set-up-error.mjs';

const cli = (command) => (args) => runNode(['dist/apps/cli/src/main.js', command, ...args]);

const commands = {
  start: { run: cli('up'), needsNats: true },
  demo: { run: cli('demo'), needsNats: true },
  migrate: { run: cli('migrate'), needsNats: false },
  test: { run: runTests, needsNats: true },
  'test:all': { run: runAllTests, needsNats: true },
  'test:faults': { run: runFaults, needsNats: true },
  'test:agents': { run: runAgentTests, needsNats: true },
  docs: { run: (args) => runNode(['dist/generators/main.js', ...args]), needsNats: true },
  'bench:git': { run: (args) => runNode(['dist/bench/git/main.js', ...args]), needsNats: false },
  'bench:decode': { run: (args) => runNode(['dist/bench/decode/main.js', ...args]), needsNats: false },
  'bench:flood': { run: (args) => runNode(['dist/bench/flood/main.js', ...args]), needsNats: true },
  'bench:conversations': {
    run: (args) => runNode(['dist/bench/conversations/main.js', ...args]),
    needsNats: true,
  },
};

const [name, ...args] = process.argv.slice(2);
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
process.exitCode = await main();

/** Resolves to the exit code. */
async function main() {
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (command === undefined) {
    console.error(`Usage: node scripts/bootstrap.mjs <${Object.keys(commands).join('|')}> [arguments]`);
    return 2;
  }
  try {
    checkNodeVersion();
    await installDependencies();
    if (command.needsNats) process.env.NATS_SERVER_BIN = await provideNatsServer();
    await buildWhenStale();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(error.message);
    // The promised last line; the exit code says the rest.
    if (name.startsWith('test')) console.log('0 passed, 0 failed');
    return 1;
  }
  return command.run(args);
}
