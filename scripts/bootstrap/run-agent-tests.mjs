import { installAgents } from './install-agents.mjs';
import { runTests } from './run-tests.mjs';
import { runQuietly } from './run.mjs';
import { SetUpError } from './set-up-error.mjs';

/**
 * Runs `test/agents` with the real programs, in a network namespace that has loopback alone: whatever they
 * would report or fetch stays on this machine. Where no such namespace can be made nothing is run, which is
 * no success.
 */
export async function runAgentTests(args) {
  const isolation = await isolationFromNetworks();
  if (isolation.problem !== undefined) {
    console.error(`Skipped: the agents run only where they reach no network, and ${isolation.problem}`);
    console.log('0 passed, 0 failed');
    return 1;
  }
  try {
    process.env.PATCHPOINT_AGENT_PROGRAMS = await installAgents();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(error.message);
    console.log('0 passed, 0 failed');
    return 1;
  }
  process.env.PATCHPOINT_TESTS = 'agents';
  return runTests(
    ['--runInBand', '--verbose', ...(args.length > 0 ? args : ['test/agents'])],
    isolation.command,
  );
}

/**
 * As root, or else as the user that we are: Postgres refuses root, and the agents shall run as people run
 * them. Such a user may set up the network with capabilities, which must be gone then: the sandbox of Codex
 * refuses to start with them.
 */
const namespaces = [
  { enter: ['unshare', '--net'], drop: [] },
  {
    enter: ['unshare', '--map-current-user', '--keep-caps', '--net'],
    drop: ['setpriv', '--ambient-caps=-all', '--inh-caps=-all'],
  },
];

async function isolationFromNetworks() {
  let problem = 'it can be done on Linux alone (`unshare`).';
  if (process.platform !== 'linux') return { problem };
  for (const { enter, drop } of namespaces) {
    const command = [...enter, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...drop];
    const [program, ...args] = [...command, 'true'];
    const { code, output } = await runQuietly(program, args);
    if (code === 0) return { command };
    problem = `\`${enter.join(' ')}\` failed: ${output.trim() || `code ${code}`}`;
  }
  return { problem };
}
